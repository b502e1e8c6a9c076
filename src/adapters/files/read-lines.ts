import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TidemarkError } from '../../errors.ts';
import { unreadable, type InputFile } from './input-files.ts';

/** Consecutive physical lines of a file, without their ends. */
export interface LineBlock {
  /** 1 for the first line of the file. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** No record of any format is this long; a file without line ends would otherwise fill the memory. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
/** Small enough for a block's rows to die young. */
const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * The lines of a plain or gzip file, UTF-8 with or without BOM, ended by LF or CRLF; the last may lack its end.
 * Calls `onBytes` after each chunk with the bytes of the file (compressed, if so) taken in so far. Lines of a block
 * may share one buffer: whoever keeps a part of one for long makes it its own (see `detached`). Throws
 * `INPUT_FORMAT` for a line beyond {@link LONGEST_LINE_BYTES} and for a broken gzip stream.
 */
export async function* readLines(
  file: InputFile,
  onBytes?: (bytesRead: number) => void,
): AsyncGenerator<LineBlock> {
  let firstLine = 1;
  let carried: Buffer[] = [];
  let carriedBytes = 0;
  for await (const chunk of readChunks(file, onBytes)) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      carried.push(chunk);
      carriedBytes += chunk.length;
      if (carriedBytes > LONGEST_LINE_BYTES) throw tooLong(file, firstLine);
      continue;
    }
    const whole = carried.length === 0 ? chunk : Buffer.concat([...carried, chunk]);
    const lines = splitLines(whole.toString('utf8', 0, carriedBytes + end), firstLine === 1);
    yield { firstLine, lines };
    firstLine += lines.length;
    carried = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    carriedBytes = chunk.length - end - 1;
  }
  if (carriedBytes > 0)
    yield { firstLine, lines: splitLines(Buffer.concat(carried).toString('utf8'), firstLine === 1) };
}

/** The bytes of a file, decompressed. Errors and `onBytes` as for {@link readLines}. */
export async function* readChunks(
  file: InputFile,
  onBytes?: (bytesRead: number) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  const chunks = file.isGzip
    ? pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
    : source;
  try {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      onBytes?.(source.bytesRead);
      yield chunk;
    }
  } catch (error) {
    throw streamError(file, error);
  } finally {
    source.destroy();
  }
}

/** The lines of a text without their ends; `isStart`: a BOM before the first is none of it. */
export function splitLines(text: string, isStart: boolean): string[] {
  const lines = (isStart && text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line !== undefined && line.charCodeAt(line.length - 1) === CARRIAGE_RETURN)
      lines[i] = line.slice(0, -1);
  }
  return lines;
}

/** The same text in memory of its own, so that keeping it does not keep the block it was cut from. */
export function detached(text: string): string {
  return text.length < SHORTEST_SLICE ? text : ` ${text}`.slice(1);
}

/** V8 copies shorter parts of a string anyway; longer ones point into it. */
const SHORTEST_SLICE = 13;

function tooLong(file: InputFile, line: number): TidemarkError {
  const problem = `${file.name}:${line} is longer than ${LONGEST_LINE_BYTES / 1024 / 1024} MiB`;
  return new TidemarkError('INPUT_FORMAT', problem, 'write one record per line');
}

function streamError(file: InputFile, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  if (!code.startsWith('Z_')) return unreadable(file.path, cause);
  const problem = `${file.path} is not a whole gzip file (${message})`;
  return new TidemarkError('INPUT_FORMAT', problem, 'fetch or compress the file again', cause);
}
