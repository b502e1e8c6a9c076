import type { Policy } from '../../src/core/tagging/policy.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { ok } from '../../src/core/result.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import type { Instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { ForwardedFacts, Said } from '../../src/ports/forwarded-facts.ts';
import type { Announcement, StateStore } from '../../src/ports/state-store.ts';
import { StreamProcessor } from '../../src/runtime/stream-processor.ts';

/** What becomes of facts on their way: how often they arrive, at once. */
export type Delivery = (forwarded: ForwardedFacts) => number;

export interface PartitionedRun {
  readonly announcements: readonly Announcement[];
  /** In the order of arrival, by partition. */
  readonly forwarded: readonly (readonly ForwardedFacts[])[];
  readonly processors: readonly StreamProcessor[];
}

/**
 * Records through one processor a partition, each of which sees only what people of its partition sent, one record at a
 * time in order of arrival; facts for others arrive before the next record.
 */
export async function runPartitioned(
  records: readonly SourceRecord[],
  store: StateStore,
  policy: Policy,
  asOf: Instant,
  delivery: Delivery = () => 1,
): Promise<PartitionedRun> {
  const rulebook = rulebookOf(policy);
  const processors = Array.from(
    { length: store.partitions },
    (_, partition) =>
      new StreamProcessor({ store, rulebook, cachePeople: 50, muteTriggers: false, partitions: [partition] }),
  );
  for (const processor of processors) await processor.start();
  const announcements: Announcement[] = [];
  const offsets = processors.map(() => 0);
  const forwarded: ForwardedFacts[][] = processors.map(() => []);

  async function settle(): Promise<void> {
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const processor of processors) {
        await processor.commit();
        for (const claim of processor.currentClaims) {
          const entries = await store.outbox(claim, 1000);
          const last = entries.at(-1);
          if (last === undefined) continue;
          isMoving = true;
          await store.trim(claim, last.sequence);
          for (const { announcement } of entries) tell(announcement);
        }
      }
    }
  }

  function tell(announcement: Announcement): void {
    if (announcement.kind !== 'facts') {
      announcements.push(announcement);
      return;
    }
    const { forwarded: facts } = announcement;
    for (let times = delivery(facts); times > 0; times--) {
      const topic = forwarded[facts.partition];
      if (topic === undefined) throw new RangeError(`partition ${facts.partition}`);
      topic.push(facts);
      processors[facts.partition]?.take([factsRecord(facts, topic.length - 1)]);
    }
  }

  async function advanceAll(until: Instant): Promise<void> {
    for (let waiting = processors; waiting.length > 0;) {
      const still: StreamProcessor[] = [];
      for (const processor of waiting) if (!(await processor.advanceTo(until))) still.push(processor);
      waiting = still;
    }
  }

  for (const record of records) {
    const partition = record.event.ok ? partitionOf(record.event.value.personId, store.partitions) : 0;
    await advanceAll(record.receivedAt);
    const offset = offsets[partition] ?? 0;
    offsets[partition] = offset + 1;
    const source = `events:${partition}`;
    processors[partition]?.take([{ ...record, source, offset }]);
    await settle();
  }
  await advanceAll(asOf);
  for (const processor of processors) await processor.sweepAll(asOf);
  await settle();
  return { announcements, forwarded, processors };
}

/** Facts as a record of the topic that brings them to a partition. */
export function factsRecord(forwarded: ForwardedFacts, offset: number): SourceRecord<Said> {
  const source = `facts:${forwarded.partition}`;
  const { receivedAt } = forwarded;
  return { source, offset, receivedAt, event: ok(forwarded), rows: 0, place: `${source}#${offset}` };
}
