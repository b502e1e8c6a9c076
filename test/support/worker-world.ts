import { expect } from 'vitest';
import { partitionOf } from '../../src/core/partition.ts';
import { ok } from '../../src/core/result.ts';
import { ByteWriter } from '../../src/core/bytes.ts';
import { writeWindows } from '../../src/core/features/person-windows.ts';
import { readPerson } from '../../src/core/person-codec.ts';
import { NO_TAG, type Policy } from '../../src/core/tagging/policy.ts';
import type { Transition } from '../../src/core/tagging/transition.ts';
import { instant, type Instant } from '../../src/core/time.ts';
import type { AnnouncementPublisher } from '../../src/ports/announcement-publisher.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Announcement, StateStore } from '../../src/ports/state-store.ts';
import type { WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { MemoryTopics } from './memory-topics.ts';
import type { Run } from './run-records.ts';

/** One record after the other over all partitions. */
export const STRICT: WorkerPace = {
  turnRecords: 200,
  cachePeople: 20,
  sweepPeople: 64,
  publishEntries: 50,
  lingerMs: 5,
  tickMs: 50,
  settleMs: 100,
  maxSkewMs: 0,
  askAgainMs: 1,
  retryAfterMs: 10,
};

/** A published entry goes where it belongs; what others are told is kept, by its id. */
export class Told implements AnnouncementPublisher {
  /** By id, in the order in which they were told first. */
  readonly transitions = new Map<string, Transition>();
  readonly triggers = new Set<string>();
  private readonly topics: MemoryTopics;

  constructor(topics: MemoryTopics) {
    this.topics = topics;
  }

  /** What everybody holds, as somebody sees it who was told all of it. */
  tags(): ReadonlyMap<string, string> {
    const held = new Map<string, Transition>();
    for (const transition of this.transitions.values()) {
      const of = `${transition.personId} ${transition.dimension}`;
      const before = held.get(of);
      if (before === undefined || before.effectiveAt <= transition.effectiveAt) held.set(of, transition);
    }
    return new Map([...held].filter(([, { to }]) => to !== NO_TAG).map(([of, { to }]) => [of, to]));
  }

  publish(entries: readonly { readonly announcement: Announcement }[]): Promise<void> {
    for (const { announcement } of entries) {
      if (announcement.kind === 'transition')
        this.transitions.set(announcement.transition.id, announcement.transition);
      if (announcement.kind === 'trigger') this.triggers.add(announcement.trigger.id);
      if (announcement.kind !== 'facts') continue;
      const { forwarded } = announcement;
      const { partition, receivedAt } = forwarded;
      this.topics.append(`facts:${partition}`, { receivedAt, event: ok(forwarded), rows: 0 });
    }
    return Promise.resolve();
  }
}

/** Records as the events of so many partitions, each where its sender lives; in turns, if there are several topics. */
export function topicsWith(
  records: readonly SourceRecord[],
  partitions: number,
  factsLagTurns = 0,
  names: readonly string[] = ['events'],
): MemoryTopics {
  const topics = new MemoryTopics(partitions, factsLagTurns, names);
  for (const [i, { receivedAt, event, rows }] of records.entries()) {
    const partition = event.ok ? partitionOf(event.value.personId, partitions) : 0;
    topics.append(`${names[i % names.length]}:${partition}`, { receivedAt, event, rows });
  }
  return topics;
}

/** The same decisions as one process takes that works on everybody, each under one id. */
export function expectDecisionsOf(alone: Run, told: Told): void {
  const { tag_transitions: rows, trigger_events: triggers } = alone.told.rows;
  const expected = rows.map((row) => [row.transition_id, row.effective_at] as const);
  expect([...told.transitions].map(([id, { effectiveAt }]) => [id, effectiveAt]).toSorted()).toEqual(
    expected.toSorted(),
  );
  expect([...told.triggers].toSorted()).toEqual(triggers.map((row) => row.trigger_id).toSorted());
}

/** Of everybody, the tags that they hold. */
export async function tagsIn(store: StateStore, policy: Policy): Promise<ReadonlyMap<string, string>> {
  const tags = new Map<string, string>();
  for await (const { personId, record } of everybodyIn(store)) {
    policy.dimensions.forEach(({ name, tags: known }, i) => {
      const tag = known[readPerson(record).tags[i]?.tag ?? -1];
      if (tag !== undefined) tags.set(`${personId} ${name}`, tag.name);
    });
  }
  return tags;
}

/** What is remembered of everybody's behaviour, which no order of arrival, split or repetition may change. */
export async function windowsIn(store: StateStore): Promise<ReadonlyMap<string, string>> {
  const windows = new Map<string, string>();
  for await (const { personId, record } of everybodyIn(store)) {
    const writer = new ByteWriter();
    writeWindows(writer, readPerson(record).windows);
    windows.set(personId, Buffer.from(writer.since(0)).toString('hex'));
  }
  return windows;
}

async function* everybodyIn(store: StateStore) {
  for (let partition = 0; partition < store.partitions; partition++)
    for await (const page of store.people({
      partition,
      token: '',
      offsets: {},
      clock: instant(0),
      scoredBy: '',
    }))
      yield* page;
}

/** Nothing is under way, nobody is due, and nothing waits to be told. */
export async function isDone(store: StateStore, asOf: Instant): Promise<boolean> {
  const progress = await store.progress();
  for (const [partition, { until, sent }] of progress.entries()) {
    const looking = { partition, token: '', offsets: {}, clock: asOf, scoredBy: '' };
    if (until < asOf) return false;
    if ((await store.due(looking, asOf, 1)).length > 0) return false;
    if ((await store.outbox(looking, 1)).length > 0) return false;
    for (const [to, bySource] of Object.entries(sent))
      for (const [source, next] of Object.entries(bySource))
        if ((progress[Number(to)]?.taken[source] ?? 0) < next) return false;
  }
  return true;
}
