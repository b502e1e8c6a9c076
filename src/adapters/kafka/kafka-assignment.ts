import { setTimeout as delay } from 'node:timers/promises';
import type { Instant } from '../../core/time.ts';
import type { Assignment, SourceBlock } from '../../ports/partitioned-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import { isOutage } from './kafka-failures.ts';
import type { Offsets } from './lag-commits.ts';
import { ReadQueue } from './read-queue.ts';
import { sourceId } from './record-of-message.ts';
import type { OffsetRange } from './topic-lookup.ts';
import { TopicReading, type FetchedBatch, type ReadBatch } from './topic-reading.ts';

/** What an assignment needs from the group it belongs to. */
export interface PartitionControls {
  seek(topic: string, partition: number, offset: number): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  range(topic: string, partition: number): Promise<OffsetRange>;
  processed(offsets: Offsets): void;
}

export interface AssignmentSettings<Content> {
  /** Topics of events, and of facts, each with what reads its messages. */
  readonly topics: Readonly<Record<string, RecordDecoder<Content>>>;
  readonly factTopics: Readonly<Record<string, RecordDecoder<Content>>>;
  /** For each topic. What is on its way when it is reached comes on top: one fetch of one partition. */
  readonly readAheadBytes: number;
  readonly now: () => Instant;
}

const ASK_AGAIN_MS = 500;

/** A partition for as long as it is this member's. */
export class KafkaAssignment<Content> implements Assignment<Content> {
  readonly partition: number;
  readonly sources: readonly string[];
  readonly factSources: readonly string[];
  readonly revoked: AbortSignal;
  private readonly settings: AssignmentSettings<Content>;
  private readonly controls: PartitionControls;
  private readonly revocation = new AbortController();
  /** What is being read now, by topic. */
  private readonly readings = new Map<string, TopicReading<Content>>();

  constructor(partition: number, settings: AssignmentSettings<Content>, controls: PartitionControls) {
    this.partition = partition;
    this.sources = Object.keys(settings.topics).map((topic) => sourceId(topic, partition));
    this.factSources = Object.keys(settings.factTopics).map((topic) => sourceId(topic, partition));
    this.revoked = this.revocation.signal;
    this.settings = settings;
    this.controls = controls;
  }

  async *read(
    source: string,
    from: number | undefined,
    stop?: AbortSignal,
  ): AsyncGenerator<SourceBlock<Content>> {
    const queue = new ReadQueue<ReadBatch>();
    const { topic, reading } = this.readingInto(queue, source);
    if (this.readings.has(topic)) throw new Error(`${source} is being read already`);
    const end = () => queue.end();
    this.readings.set(topic, reading);
    this.revoked.addEventListener('abort', end);
    stop?.addEventListener('abort', end);
    if (this.revoked.aborted || stop?.aborted === true) end();
    try {
      reading.begin(from).catch((error: unknown) => queue.end(error as Error));
      for (let next = await queue.take(); next !== undefined; next = await queue.take()) {
        for (const block of reading.blocks(next.ready)) {
          if (queue.hasEnded) break;
          yield block;
        }
        next.release();
      }
    } finally {
      queue.end();
      this.revoked.removeEventListener('abort', end);
      stop?.removeEventListener('abort', end);
      reading.stop();
      this.readings.delete(topic);
    }
  }

  processed(offsets: Offsets): void {
    this.controls.processed(offsets);
  }

  offer(batch: FetchedBatch): void {
    this.readings.get(batch.topic)?.offer(batch);
  }

  passOver(topic: string, first: number, last: number, high: number): void {
    this.readings.get(topic)?.passOver(first, last, high);
  }

  revoke(): void {
    for (const reading of this.readings.values()) reading.stop();
    this.revocation.abort();
  }

  private readingInto(
    queue: ReadQueue<ReadBatch>,
    source: string,
  ): { topic: string; reading: TopicReading<Content> } {
    const { partition, controls } = this;
    const { topics, factTopics, readAheadBytes, now } = this.settings;
    const found = Object.entries({ ...topics, ...factTopics }).find(
      ([topic]) => sourceId(topic, partition) === source,
    );
    if (found === undefined) throw new Error(`${source} is no source of partition ${partition}`);
    const [topic, decode] = found;
    const reading: TopicReading<Content> = new TopicReading({
      ...{ topic, partition, readAheadBytes, decode, now },
      controls: {
        seek: (offset) => this.whileOurs(() => controls.seek(topic, partition, offset)),
        pause: () => this.whileOurs(() => controls.pause(topic, partition)),
        resume: () => this.whileOurs(() => controls.resume(topic, partition)),
        range: () => this.range(topic),
      },
      deliver: (ready) => queue.push({ ready, release: () => reading.release(ready.bytes) }),
      fail: (error) => queue.end(error),
    });
    return { topic, reading };
  }

  /** From the revocation on, whoever has the partition next may be at it. */
  private whileOurs(act: () => void): void {
    if (!this.revoked.aborted) act();
  }

  /** Waits an outage out; undefined once it was revoked. */
  private async range(topic: string): Promise<OffsetRange | undefined> {
    while (!this.revoked.aborted) {
      try {
        return await this.controls.range(topic, this.partition);
      } catch (error) {
        if (!isOutage(error)) throw error;
        await delay(ASK_AGAIN_MS, undefined, { signal: this.revoked }).catch(() => undefined);
      }
    }
    return undefined;
  }
}
