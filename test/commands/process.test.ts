import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const ENDLESS = ['simulate', '--people', '100000', '--days', '3000', '--out'];

/** Starts the real process, as `npm run tidemark` does. */
function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = text(child.stderr);
  const ended = once(child, 'exit').then(async ([code]: unknown[]) => ({ code, stderr: await stderr }));
  return { child, ended };
}

describe('the process', () => {
  it('leaves with the exit code of what happened', async () => {
    const done = start(['--version']);
    expect(await text(done.child.stdout)).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await done.ended).toEqual({ code: 0, stderr: '' });
    expect((await start(['simulte']).ended).code).toBe(2);
    expect((await start(['schemas', '--out', '/nowhere/at/all']).ended).code).toBe(1);
  });

  it('says what is wrong with the environment before anything runs', async () => {
    const { code, stderr } = await start(['--version'], { TIDEMARK_LOG_LEVEL: 'loud' }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('error: environment variable TIDEMARK_LOG_LEVEL: logLevel is "loud"');
  });

  it('is quiet by default and shows its configuration when asked to', async () => {
    const { code, stderr } = await start(['--version'], { TIDEMARK_LOG_LEVEL: 'debug' }).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ msg: 'configuration', config: { logLevel: 'debug' } });
  });

  it('goes quietly when the reader has seen enough', async () => {
    const { child, ended } = start([...ENDLESS, '-']);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toEqual({ code: 0, stderr: '' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s once: finishes what is in hand and says how to go on', async (signal, exitCode) => {
    const { child, ended } = start([...ENDLESS, '-']);
    await once(child.stdout, 'data');
    const lastCharacter = text(child.stdout).then((rest) => rest.at(-1));
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(await lastCharacter).toBe('\n');
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(
      /finishing what is in hand[^]*stopped: after [\d,]+ events? \[INTERRUPTED\]\n {2}mend: run the same/,
    );
  });
});
