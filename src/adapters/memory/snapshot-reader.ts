import { createHash } from 'node:crypto';
import { instant } from '../../core/time.ts';
import type { SnapshotPerson } from './state-snapshot.ts';

const LARGEST_FRAME_BYTES = 1 << 28;
const DIGEST_BYTES = 32;
const NEWLINE = 10;

/** Takes a snapshot apart as its bytes come in, and keeps the checksum. Holds one chunk and one frame. */
export class SnapshotReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly failure: (problem: string, cause?: unknown) => Error;
  private readonly hash = createHash('sha256');
  private pending: Buffer = Buffer.alloc(0);

  /** `failure` makes what is thrown when the bytes are not what they should be. */
  constructor(stream: AsyncIterable<Buffer>, failure: (problem: string, cause?: unknown) => Error) {
    this.chunks = stream[Symbol.asyncIterator]();
    this.failure = failure;
  }

  async line(): Promise<string> {
    let end = this.pending.indexOf(NEWLINE);
    while (end < 0) {
      await this.more();
      end = this.pending.indexOf(NEWLINE);
    }
    return (await this.take(end + 1)).toString('utf8');
  }

  /** The next person; undefined after the last. */
  async person(): Promise<SnapshotPerson | undefined> {
    const length = (await this.take(4)).readUInt32LE(0);
    if (length === 0) return undefined;
    if (length < 10 || length > LARGEST_FRAME_BYTES) throw this.failure('a record has no sensible length');
    const frame = await this.take(length);
    const idEnd = 10 + frame.readUInt16LE(8);
    if (idEnd > frame.length) throw this.failure('a record is shorter than its id');
    return {
      dueAt: instant(frame.readDoubleLE(0)),
      personId: frame.toString('utf8', 10, idEnd),
      record: new Uint8Array(frame.subarray(idEnd)),
    };
  }

  /** Checks what follows the last person. */
  async end(people: number): Promise<void> {
    const stated = (await this.take(8)).readDoubleLE(0);
    const digest = this.hash.digest();
    const stored = await this.take(DIGEST_BYTES, false);
    if (!digest.equals(stored)) throw this.failure('its checksum is wrong');
    if (stated !== people) throw this.failure(`it holds ${people} people and states ${stated}`);
    const rest = await this.chunks.next();
    if (this.pending.length > 0 || rest.done !== true) throw this.failure('something follows its end');
  }

  private async take(length: number, isHashed = true): Promise<Buffer> {
    if (this.pending.length < length) await this.more(length);
    const taken = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    if (isHashed) this.hash.update(taken);
    return taken;
  }

  private async more(least = this.pending.length + 1): Promise<void> {
    const parts = [this.pending];
    for (let bytes = this.pending.length; bytes < least;) {
      const next = await this.chunks.next();
      if (next.done === true) throw this.failure('it ends in the middle');
      parts.push(next.value);
      bytes += next.value.length;
    }
    this.pending = Buffer.concat(parts);
  }
}
