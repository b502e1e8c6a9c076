import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { TidemarkError } from '../errors.ts';
import type { Output } from './world.ts';

/** Text or bytes. */
type Chunk = string | Uint8Array;

/** Chunks of any size, pulled no faster than the target takes them. */
export type Chunks = Iterable<Chunk> | AsyncIterable<Chunk>;

/**
 * Writes a file whole or not at all: it grows as `FILE.<random>.part` beside its place and takes its name when
 * it is complete, gzipped when the name ends in `.gz`. After an error the part is gone and an older file of that
 * name is as it was; after a kill the part is left, and its name says so. Links are followed; pipes and devices
 * are written to directly.
 * Throws `OUTPUT_WRITE` for what the file system refuses; whatever `chunks` throws passes through, which is how
 * the writing is stopped.
 */
export async function writeFileWhole(path: string, chunks: Chunks): Promise<void> {
  const source = new WatchedSource(chunks);
  try {
    const { place, isReplaceable } = await findPlace(path);
    if (isReplaceable) await writeBeside(place, source);
    else await writeTo(place, 'w', source);
  } catch (error) {
    throw source.failure === undefined ? refusedWrite(path, error) : source.failure.error;
  }
}

/** Writes to an output that stays open, no faster than it is read. */
export async function writeToOutput(output: Output, chunks: Chunks): Promise<void> {
  await pipeline(Readable.from(chunks), output.stream, { end: false });
}

async function findPlace(path: string): Promise<{ place: string; isReplaceable: boolean }> {
  try {
    const isReplaceable = (await stat(path)).isFile();
    return { place: isReplaceable ? await realpath(path) : path, isReplaceable };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { place: path, isReplaceable: true };
    throw error;
  }
}

async function writeBeside(place: string, source: AsyncIterable<Chunk>): Promise<void> {
  const part = `${place}.${randomUUID().slice(0, 8)}.part`;
  try {
    await writeTo(part, 'wx', source, place);
    await rename(part, place);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeTo(
  path: string,
  flags: 'w' | 'wx',
  source: AsyncIterable<Chunk>,
  name = path,
): Promise<void> {
  const file = createWriteStream(path, { flags });
  if (name.endsWith('.gz')) await pipeline(Readable.from(source), createGzip(), file);
  else await pipeline(Readable.from(source), file);
}

function refusedWrite(path: string, cause: unknown): TidemarkError {
  const mend = 'check that the folder exists, that you may write there and that the disk has room';
  return new TidemarkError('OUTPUT_WRITE', `cannot write ${path}`, mend, cause);
}

/** Tells a failure of the chunks from a failure of what they are written to, which the pipeline throws into it. */
class WatchedSource implements AsyncIterable<Chunk> {
  failure: { readonly error: unknown } | undefined;
  private readonly chunks: Chunks;

  constructor(chunks: Chunks) {
    this.chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    const iterator =
      Symbol.asyncIterator in this.chunks
        ? this.chunks[Symbol.asyncIterator]()
        : this.chunks[Symbol.iterator]();
    try {
      for (let step = await this.pull(iterator); step.done !== true; step = await this.pull(iterator)) {
        yield step.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  private async pull(iterator: Iterator<Chunk> | AsyncIterator<Chunk>): Promise<IteratorResult<Chunk>> {
    try {
      return await iterator.next();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}
