import type { Output } from '../world.ts';

const CHUNK_CHARACTERS = 1 << 16;

/** The answer of a command that was asked for `--json`: one object, the last line of standard output. */
export function writeJsonLine(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`);
}

/** The text of one JSON array on one line, in chunks, so that a large result is never one string. */
export function* jsonArrayChunks(values: Iterable<unknown>): Generator<string, void, undefined> {
  let chunk = '[';
  let separator = '';
  for (const value of values) {
    chunk += `${separator}${JSON.stringify(value)}`;
    separator = ',';
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}]\n`;
}
