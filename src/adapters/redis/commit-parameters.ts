import { MAX_CATEGORIES, type PopulationDelta } from '../../core/scoring/population.ts';
import { NEVER } from '../../core/time.ts';
import type { PartitionChanges } from '../../ports/state-store.ts';
import { encodeAnnouncement } from './announcement-codec.ts';

type Parameter = string | number | Buffer;

/** The parameters of schemas/redis/commit.lua, in its order. Records are copied: a call may be sent again long after. */
export function commitParameters(change: PartitionChanges, revision: number): Parameter[] {
  const { claim, people, announcements, offsets, clock, scoredBy } = change;
  // Of two changes of one person in a commit the later holds, in the due queue, too.
  const latest = new Map(people.map((person) => [person.personId, person]));
  const bytes = Buffer.concat([...latest.values()].map(({ record }) => record));
  let at = 0;
  const records: Parameter[] = [];
  const due: Parameter[] = [];
  const idle: Parameter[] = [];
  for (const { personId, record, dueAt } of latest.values()) {
    records.push(personId, bytes.subarray(at, (at += record.length)));
    if (dueAt === NEVER) idle.push(personId);
    else due.push(dueAt, personId);
  }
  const next = Object.entries(offsets);
  const { counters, prices } = changesOf(change.population);
  for (const number of [...counters, ...prices, ...due, clock, ...Object.values(offsets)])
    if (typeof number === 'number' && !Number.isSafeInteger(number))
      throw new RangeError(`a commit of partition ${claim.partition} holds the number ${number}`);
  return [
    ...[claim.token, revision, clock, scoredBy, MAX_CATEGORIES],
    ...[next.length, latest.size, due.length / 2, idle.length],
    ...[counters.length / 2, prices.length / 3, announcements.length],
    ...next.flat(),
    ...records,
    ...due,
    ...idle,
    ...counters,
    ...prices,
    ...announcements.map(encodeAnnouncement),
  ];
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
