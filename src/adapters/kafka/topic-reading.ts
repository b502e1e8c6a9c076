import type { Batch } from 'kafkajs';
import { instant, type Instant } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { SourceBlock } from '../../ports/partitioned-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import { PackedMessages } from './packed-messages.ts';
import { originOf, recordOfMessage, type MessageOrigin } from './record-of-message.ts';
import type { OffsetRange } from './topic-lookup.ts';

/** A batch as kafkajs 2.2.4 makes it: its types leave out the offset that was asked for. */
export type FetchedBatch = Batch & { readonly fetchedOffset: string };

/** What one topic's part of an assignment needs from the group's client. */
export interface TopicControls {
  seek(offset: number): void;
  pause(): void;
  resume(): void;
  /** Undefined once nobody wants to know any more. */
  range(): Promise<OffsetRange | undefined>;
}

export interface TopicReadingSettings<Content> {
  readonly topic: string;
  readonly partition: number;
  readonly readAheadBytes: number;
  readonly decode: RecordDecoder<Content>;
  readonly now: () => Instant;
  readonly controls: TopicControls;
  readonly deliver: (batch: ReadBatch) => void;
  readonly fail: (error: Error) => void;
}

/** What was fetched at once, not yet decoded. */
export interface ReadBatch {
  readonly messages: PackedMessages;
  /** The next offset to read after it. */
  readonly next: number;
  /** Where the topic ended when it was fetched. */
  readonly high: number;
  /** What it counts for in memory. */
  readonly bytes: number;
}

/** What a message costs in memory beside its text. */
const MESSAGE_OVERHEAD_BYTES = 25;
/** Few enough that decoded records are gone before the collector has to move them. */
const BLOCK_RECORDS = 500;

/**
 * One partition of one topic, read from an offset on.
 *
 * kafkajs answers an offset that is out of range by going to another, and says so to nobody. Therefore what was asked
 * for is compared with where we are: where they differ the batch is thrown away, and the range of the topic decides
 * whether something was lost.
 */
export class TopicReading<Content> {
  private readonly settings: TopicReadingSettings<Content>;
  private readonly origin: MessageOrigin;
  private position = 0;
  private receivedAt: Instant = instant(0);
  /** Where the topic ended when it was last fetched from. */
  private high = 0;
  private aheadBytes = 0;
  private isPaused = true;
  /** Nothing is taken while it is not sure where we are. */
  private isChecking = true;
  private isStopped = false;

  constructor(settings: TopicReadingSettings<Content>) {
    this.settings = settings;
    this.origin = originOf(settings.topic, settings.partition);
  }

  /** Begins at the offset, or at the beginning of what there is. */
  async begin(from: number | undefined): Promise<void> {
    const range = await this.settings.controls.range();
    if (range === undefined || this.isStopped) return;
    this.position = from ?? range.low;
    if (this.isLost(range)) return;
    if (this.position === range.high) this.deliver(new PackedMessages([]), range.high);
    this.goOn();
  }

  offer(batch: FetchedBatch): void {
    if (this.isChecking) return;
    if (Number(batch.fetchedOffset) !== this.position) return void this.check(this.position);
    const messages = new PackedMessages(batch.messages);
    this.position = Number(batch.lastOffset()) + 1;
    this.deliver(messages, Number(batch.highWatermark));
  }

  /** Decodes a batch bit by bit, as its reader asks for more. Batches are to be given in the order they were delivered. */
  *blocks({ messages, next, high }: ReadBatch): Generator<SourceBlock<Content>> {
    // While nothing is fetched, nobody knows what came meanwhile.
    const behind = (at: number): number => Math.max(this.isPaused ? 1 : 0, high - at);
    if (messages.count === 0) yield { records: [], next, behind: behind(next) };
    for (let from = 0; from < messages.count; from += BLOCK_RECORDS) {
      const to = Math.min(messages.count, from + BLOCK_RECORDS);
      const records = this.recordsOf(messages, from, to);
      const after = to === messages.count ? next : (records.at(-1)?.offset ?? 0) + 1;
      yield { records, next: after, behind: behind(after) };
    }
  }

  /** Offsets that hold no records for us: ends of transactions, what was given up, what compaction took away. */
  passOver(first: number, last: number, high: number): void {
    if (this.isChecking || last < this.position) return;
    if (first !== this.position) return void this.check(last + 1);
    this.position = last + 1;
    if (this.position >= high) this.deliver(new PackedMessages([]), high);
  }

  /** A batch is done with. */
  release(bytes: number): void {
    this.aheadBytes -= bytes;
    if (!this.isPaused || this.isChecking || this.aheadBytes > this.settings.readAheadBytes / 2) return;
    this.resume();
    if (this.position >= this.high) void this.tellEnd();
  }

  stop(): void {
    this.isStopped = true;
    this.isChecking = true;
    this.pause();
  }

  /** Where it looked like the end before the pause: whether it still is one. */
  private async tellEnd(): Promise<void> {
    const range = await this.range();
    if (range === undefined || this.isStopped || this.isChecking || this.position !== range.high) return;
    this.deliver(new PackedMessages([]), range.high);
  }

  private range(): Promise<OffsetRange | undefined> {
    return this.settings.controls.range().catch((error: unknown) => {
      this.settings.fail(error as Error);
      return undefined;
    });
  }

  /** Goes on at `next` where nothing before it was lost. */
  private async check(next: number): Promise<void> {
    this.isChecking = true;
    this.pause();
    const range = await this.range();
    if (range === undefined || this.isStopped || this.isLost(range)) return;
    this.position = next;
    if (next === range.high) this.deliver(new PackedMessages([]), range.high);
    this.goOn();
  }

  private isLost({ low, high }: OffsetRange): boolean {
    if (this.position >= low && this.position <= high) return false;
    const where = this.origin.name;
    this.settings.fail(
      this.position < low
        ? new TidemarkError(
            'KAFKA_OFFSET_LOST',
            `${where} begins at offset ${low}, and ${this.position} is the next to be read: ${low - this.position} offsets were deleted before they were read`,
            'Replay the lost time from an archive, then set the stored offset to the beginning; and lengthen the retention of the topic.',
          )
        : new TidemarkError(
            'KAFKA_OFFSET_LOST',
            `${where} ends at offset ${high}, and ${this.position} is the next to be read: the topic was cut short or made anew`,
            'Find out what became of it; where it was made anew on purpose, set the stored offsets of the topic to 0.',
          ),
    );
    return true;
  }

  private goOn(): void {
    this.settings.controls.seek(this.position);
    this.isChecking = false;
    if (this.aheadBytes < this.settings.readAheadBytes) this.resume();
  }

  private deliver(messages: PackedMessages, high: number): void {
    const bytes = messages.byteLength + messages.count * MESSAGE_OVERHEAD_BYTES;
    this.high = high;
    this.aheadBytes += bytes;
    if (this.aheadBytes >= this.settings.readAheadBytes) this.pause();
    this.settings.deliver({ messages, next: this.position, high, bytes });
  }

  private recordsOf(messages: PackedMessages, from: number, to: number): SourceRecord<Content>[] {
    const { decode, now: clock } = this.settings;
    const now = clock();
    const records: SourceRecord<Content>[] = [];
    for (let i = from; i < to; i++) {
      const record = recordOfMessage(this.origin, messages.at(i), this.receivedAt, now, decode);
      this.receivedAt = record.receivedAt;
      records.push(record);
    }
    return records;
  }

  private pause(): void {
    if (!this.isPaused) this.settings.controls.pause();
    this.isPaused = true;
  }

  private resume(): void {
    if (this.isPaused) this.settings.controls.resume();
    this.isPaused = false;
  }
}
