import { hash48 } from '../core/hash.ts';
import { TidemarkError } from '../errors.ts';
import type { EventSource, SourceRecord } from '../ports/event-source.ts';

interface Stored {
  /** For messages. */
  readonly db: string;
  /** Records an earlier run took in, by source, and the digest of them. */
  readonly offsets: Readonly<Record<string, number>>;
  readonly digests: Readonly<Record<string, number>>;
}

/**
 * Passes a source through and makes sure that it still begins with what an earlier run took from it: another file
 * under the same name would otherwise be taken for rows that are done. Growing at the end is fine. Throws
 * `DATABASE_OTHER_ORIGIN` before anything new is passed on.
 */
export class SourceWatch implements EventSource {
  readonly sources: readonly string[];
  private readonly source: EventSource;
  private readonly stored: Stored;
  /** Digest and offset before `tail`, which are the records passed on last. */
  private readonly seen = new Map<
    string,
    { digest: number; offset: number; tail: readonly SourceRecord[] }
  >();

  constructor(source: EventSource, stored: Stored) {
    this.source = source;
    this.sources = source.sources;
    this.stored = stored;
  }

  async *read(from: Readonly<Record<string, number>>): AsyncGenerator<readonly SourceRecord[]> {
    this.seen.clear();
    for await (const block of this.source.read(from)) {
      const usable = block.every(isTakenIn) ? block : block.filter(isTakenIn);
      for (const source of this.sources) {
        const own = usable.every((record) => record.source === source)
          ? usable
          : usable.filter((record) => record.source === source);
        if (own.length > 0) this.advance(source, own);
      }
      yield block;
    }
    for (const source of this.sources) {
      const { tail = [], offset = 0 } = this.seen.get(source) ?? {};
      if (offset + tail.length < (this.stored.offsets[source] ?? 0)) throw this.changed(source);
    }
  }

  /** Digests of the first records of each source, as many as `offsets` says; those not read keep theirs. */
  digestsAt(offsets: Readonly<Record<string, number>>): Record<string, number> {
    const digests: Record<string, number> = { ...this.stored.digests };
    for (const [source, { digest, offset, tail }] of this.seen) {
      const end = offsets[source] ?? 0;
      const isPassed = offset <= end && end <= offset + tail.length;
      if (isPassed) digests[source] = digestOf(tail.slice(0, end - offset), digest);
    }
    return digests;
  }

  private advance(source: string, records: readonly SourceRecord[]): void {
    const before = this.seen.get(source) ?? { digest: 0, offset: 0, tail: [] };
    const digest = digestOf(before.tail, before.digest);
    const offset = before.offset + before.tail.length;
    this.seen.set(source, { digest, offset, tail: records });
    const end = this.stored.offsets[source] ?? 0;
    if (end <= offset || end > offset + records.length) return;
    if (digestOf(records.slice(0, end - offset), digest) !== this.stored.digests[source])
      throw this.changed(source);
  }

  private changed(source: string): TidemarkError {
    const { db, offsets } = this.stored;
    return new TidemarkError(
      'DATABASE_OTHER_ORIGIN',
      `${db} was built with another ${source}: its first ${offsets[source] ?? 0} records are not those taken in before`,
      'name a new folder as --db, or give this input a name of its own if it belongs into the same folder',
    );
  }
}

function isTakenIn({ event }: SourceRecord): boolean {
  return event.ok || event.error.reason !== 'after_until';
}

function digestOf(records: readonly SourceRecord[], from: number): number {
  let digest = from;
  for (const { receivedAt, event } of records) {
    digest = hash48(event.ok ? event.value.messageId : event.error.reason, mixed(digest, receivedAt));
    if (!event.ok) continue;
    const { personId, at, properties } = event.value;
    digest = hash48(personId, mixed(mixed(digest, at), properties.totalMinor ?? -1));
  }
  return digest;
}

/** A seed of 32 bits out of two whole numbers of up to 53. */
function mixed(a: number, b: number): number {
  const high = Math.imul(Math.floor(a / TWO_POW_32) ^ Math.floor(b / TWO_POW_32), 0x9e3779b1);
  return (Math.imul((a >>> 0) ^ high, 0x85ebca6b) ^ (b >>> 0)) >>> 0;
}

const TWO_POW_32 = 0x100000000;
