import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfig, describeSettings, readConfig, redact } from '../src/config.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function settingsFile(text: string): { TIDEMARK_CONFIG: string } {
  const path = join(temporaryFolder(), 'tidemark.yaml');
  writeFileSync(path, text);
  return { TIDEMARK_CONFIG: path };
}

describe('the configuration', () => {
  it('is the defaults where nothing is said', () => {
    expect(readConfig({})).toEqual(defaultConfig());
    expect(readConfig({ TIDEMARK_LOG_LEVEL: '', UNRELATED: 'x' })).toEqual(defaultConfig());
  });

  it('takes the environment over the file over the defaults', () => {
    const file = settingsFile('logLevel: info\n');
    expect(readConfig(file).logLevel).toBe('info');
    expect(readConfig({ ...file, TIDEMARK_LOG_LEVEL: 'debug' }).logLevel).toBe('debug');
    expect(readConfig(settingsFile('# nothing yet\n')).logLevel).toBe('warn');
  });

  it.each([
    [{ TIDEMARK_LOG_LEVEL: 'loud' }, 'environment variable TIDEMARK_LOG_LEVEL: logLevel is "loud"'],
    [{ TIDEMARK_CONFIG: '/nowhere/tidemark.yaml' }, 'cannot read the settings file /nowhere/tidemark.yaml'],
  ])('refuses %j', (environment, message) => {
    expect(() => readConfig(environment)).toThrow(message);
  });

  it('refuses what a file should not hold, with its name', () => {
    expect(() => readConfig(settingsFile('logLevel: 3\n'))).toThrow('tidemark.yaml: logLevel is 3');
    expect(() => readConfig(settingsFile('loglevel: info\n'))).toThrow('unknown setting "loglevel"');
    expect(() => readConfig(settingsFile('noColor: "1"\n'))).toThrow('unknown setting "noColor"');
    expect(() => readConfig(settingsFile('- a list\n'))).toThrow('cannot be read as settings');
    expect(() => readConfig(settingsFile('a: [\n'))).toThrow('cannot be read as settings');
    const folder = join(temporaryFolder(), 'folder');
    mkdirSync(folder);
    expect(() => readConfig({ TIDEMARK_CONFIG: folder })).toThrow('cannot read the settings file');
  });

  it('does not stumble over a shell with a strange width', () => {
    expect(readConfig({ COLUMNS: '120' }).columns).toBe(120);
    for (const COLUMNS of ['0', '7', 'wide', '1e99']) expect(readConfig({ COLUMNS }).columns).toBeUndefined();
  });

  it('describes every setting and shows none that is secret', () => {
    for (const { env, description } of describeSettings()) {
      expect(env).not.toBe('');
      expect(description).not.toBe('');
    }
    const secrets = new Set(describeSettings().flatMap(({ key, secret }) => (secret ? [key] : [])));
    for (const [key, value] of Object.entries(redact(defaultConfig()))) {
      expect(value === '***').toBe(secrets.has(key));
    }
  });
});
