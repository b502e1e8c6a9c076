import { MAX_CATEGORIES, type PopulationDelta } from '../../core/scoring/population.ts';
import { NEVER } from '../../core/time.ts';
import type { PartitionChanges } from '../../ports/state-store.ts';
import { encodeAnnouncement } from './announcement-codec.ts';
import { bucketsFor, splitsBetween } from './buckets.ts';
import type { PartitionKeys } from './keys.ts';
import { packChanges } from './packed-people.ts';

type Parameter = string | number | Buffer;

/** What the owner of a partition knows of it. */
export interface HeldPartition {
  readonly token: string;
  /** Commits so far. */
  readonly revision: number;
  readonly people: number;
  readonly buckets: number;
}

export interface CommitCall {
  readonly keys: readonly string[];
  readonly parameters: readonly Parameter[];
  /** How many there are after it. */
  readonly buckets: number;
}

/** A call of schemas/redis/commit.lua. Records are copied: it may be sent again long after. */
export function commitCall(change: PartitionChanges, held: HeldPartition, at: PartitionKeys): CommitCall {
  const { claim, people, announcements, offsets, clock, scoredBy } = change;
  // Of two changes of one person in a commit the later holds, in the due queue, too.
  const latest = new Map(people.map((person) => [person.personId, person]));
  // As if all of them were new: they find their buckets large enough.
  const buckets = bucketsFor(held.people + latest.size, held.buckets);
  const splits = splitsBetween(held.buckets, buckets);
  const next = Object.entries(offsets);
  const { counters, prices } = changesOf(change.population);
  const { touched, bytes } = packChanges([...latest.values()], buckets);
  for (const number of [...counters, ...prices, clock, ...Object.values(offsets)])
    if (typeof number === 'number') checkNumber(number, claim.partition);
  for (const { dueAt } of people) if (dueAt !== NEVER) checkNumber(dueAt, claim.partition);
  return {
    keys: [
      ...[at.partition, at.heads, at.population, at.prices, at.categories, at.outbox],
      ...splits.flatMap(({ from, to }) => [at.people(from), at.due(from), at.people(to), at.due(to)]),
      ...touched.flatMap((bucket) => [at.people(bucket), at.due(bucket)]),
    ],
    parameters: [
      ...[claim.token, held.revision, clock, scoredBy, MAX_CATEGORIES, buckets],
      splits.map(({ from, to }) => to - from).join(),
      ...[latest.size, next.length, counters.length / 2, prices.length / 3, announcements.length],
      bytes,
      ...next.flat(),
      ...counters,
      ...prices,
      ...announcements.map(encodeAnnouncement),
    ],
    buckets,
  };
}

function checkNumber(number: number, partition: number): void {
  if (!Number.isSafeInteger(number))
    throw new RangeError(`a commit of partition ${partition} holds the number ${number}`);
}

/** What does not change is not sent. */
function changesOf({ orders, sumMinor, buckets, prices }: PopulationDelta): {
  readonly counters: Parameter[];
  readonly prices: Parameter[];
} {
  const counters: Parameter[] = [];
  if (orders !== 0) counters.push('orders', orders);
  if (sumMinor !== 0) counters.push('sum', sumMinor);
  buckets.forEach((counts, score) => {
    for (const [bucket, count] of counts) if (count !== 0) counters.push(`${score}:${bucket}`, count);
  });
  const priced = prices.flatMap(([category, counts]) =>
    counts.flatMap(([bucket, count]) => (count === 0 ? [] : [category, bucket, count])),
  );
  return { counters, prices: priced };
}
