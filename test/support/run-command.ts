import { runCommandLine } from '../../src/commands/command-line.ts';
import { testWorld, type TestWorldOptions } from './test-world.ts';

/** Runs a whole command line in this process, and gives what came of it. */
export async function runCommand(
  args: readonly string[],
  options: TestWorldOptions = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { world, stdout, stderr } = testWorld(options);
  const code = await runCommandLine(args, world);
  return { code, stdout: stdout(), stderr: stderr() };
}

/** The same with `--json`: the last line of standard output, as it was meant. */
export async function runForJson<T = Record<string, unknown>>(
  args: readonly string[],
  options: TestWorldOptions = {},
): Promise<T> {
  const { code, stdout, stderr } = await runCommand([...args, '--json'], options);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

/** Rows of a database folder. */
export function queryRows(db: string, sql: string): Promise<Record<string, unknown>[]> {
  return runForJson(['query', '--db', db, sql]);
}
