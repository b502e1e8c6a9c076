import type { Output } from '../world.ts';

/** The answer of a command that was asked for `--json`: one object, the last line of standard output. */
export function writeJsonLine(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`);
}
