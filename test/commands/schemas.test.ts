import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/command-line.ts';
import { renderSchemas } from '../../src/commands/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testWorld } from '../support/test-world.ts';

const COMMITTED = join(import.meta.dirname, '../../schemas');

describe('schemas', () => {
  it.each(renderSchemas())('has committed $file as the code says it (npm run schemas)', ({ file, text }) => {
    expect(readFileSync(join(COMMITTED, file), 'utf8')).toBe(text);
  });

  it.each(renderSchemas())('writes $file as a schema that compiles', ({ text }) => {
    const schema = JSON.parse(text) as { readonly $schema: string };
    const options = { strict: false, validateFormats: false };
    const ajv = schema.$schema.includes('draft-07') ? new Ajv(options) : new Ajv2020(options);
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  it('knows every JSON Schema in the folder', () => {
    const committed = readdirSync(COMMITTED).filter((name) => name.endsWith('.schema.json'));
    expect(
      renderSchemas()
        .map(({ file }) => file)
        .sort(),
    ).toEqual(committed.sort());
  });

  it('writes into a folder that exists', async () => {
    const folder = temporaryFolder();
    const { world, stdout, stderr } = testWorld();
    expect(await runCommandLine(['schemas', '--out', folder], world)).toBe(0);
    expect(stdout()).toBe(
      renderSchemas()
        .map(({ file }) => `${join(folder, file)}\n`)
        .join(''),
    );
    expect(await runCommandLine(['schemas', '--out', join(folder, 'no')], world)).toBe(1);
    expect(stderr()).toContain('[OUTPUT_WRITE]');
  });
});
