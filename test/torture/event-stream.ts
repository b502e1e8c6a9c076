import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import type { TrackedEvent } from '../../src/core/events/event.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { seededRandom, type SeededRandom } from '../../src/core/seeded-random.ts';
import { DAY_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { poisonOf, POISONS } from '../support/faults/poison.ts';
import { recordsOf } from '../support/listed-source.ts';
import type { StampedMessage } from '../support/kafka/stamped-producer.ts';

export const STREAM_STARTS_AT = instant(Date.UTC(2026, 0, 5, 9));
export const STREAM_DAYS = 40;

const POISON_SHARE = 0.01;
const REFUND_SHARE = 0.25;
const PEOPLE_PER_MERGE = 15;

interface Arrival {
  readonly event: TrackedEvent;
  readonly receivedAt: Instant;
}

/**
 * What is sent, in order of arrival: a simulated marketplace with duplicates and late events, more refunds and merges
 * than anybody has, and records that cannot be used. A function of its arguments alone.
 */
export async function streamOf(
  seed: number,
  people: number,
  partitions: number,
): Promise<readonly StampedMessage[]> {
  const random = seededRandom(seed, 'stream');
  const market = { people, days: STREAM_DAYS, seed, startAt: STREAM_STARTS_AT };
  const simulated = await recordsOf(simulatedSource({ ...market, duplicateRate: 0.03, lateRate: 0.04 }));
  const arrivals = simulated.flatMap(({ event, receivedAt }) =>
    event.ok ? [{ event: event.value, receivedAt }] : [],
  );
  const endsAt = plus(STREAM_STARTS_AT, STREAM_DAYS * DAY_MS);
  const more = [...refundsOf(arrivals, random), ...mergesOf(arrivals, people, random)];
  return [...arrivals, ...more]
    .filter(({ receivedAt }) => receivedAt < endsAt)
    .toSorted((a, b) => a.receivedAt - b.receivedAt)
    .flatMap(({ event, receivedAt }) => {
      const value = Buffer.from(encodeSegment({ receivedAt, event }));
      const message = { partition: partitionOf(event.personId, partitions), value, stampedAt: receivedAt };
      if (random.uniform() >= POISON_SHARE) return [message];
      const poison = POISONS[random.below(POISONS.length)] ?? 'garbage';
      const partition = random.below(partitions);
      return [message, { partition, value: poisonOf(poison, receivedAt).value, stampedAt: receivedAt }];
    });
}

function refundsOf(arrivals: readonly Arrival[], random: SeededRandom): Arrival[] {
  return arrivals.flatMap(({ event, receivedAt }) => {
    const { orderId, totalMinor = 0, sellerId, currency } = event.properties;
    if (event.name !== 'Order Completed' || orderId === undefined || random.uniform() >= REFUND_SHARE)
      return [];
    const at = plus(receivedAt, random.below(10 * DAY_MS));
    const id = `refund of ${orderId}`;
    const properties = {
      ...{ orderId, refundId: id, totalMinor: random.below(totalMinor + 1) },
      ...(sellerId === undefined ? {} : { sellerId }),
      ...(currency === undefined ? {} : { currency }),
    };
    return [
      {
        event: { messageId: id, personId: event.personId, at, name: 'Order Refunded', properties },
        receivedAt: at,
      },
    ];
  });
}

function mergesOf(arrivals: readonly Arrival[], people: number, random: SeededRandom): Arrival[] {
  const persons = [...new Set(arrivals.map(({ event }) => event.personId))];
  return Array.from({ length: Math.ceil(people / PEOPLE_PER_MERGE) }, (_, i) => {
    const [personId = '', previousId = ''] = [random.below(persons.length), random.below(persons.length)].map(
      (n) => persons[n],
    );
    const at = plus(STREAM_STARTS_AT, random.below(STREAM_DAYS * DAY_MS));
    const event = {
      messageId: `merge ${i}`,
      personId,
      at,
      name: 'Account Merged',
      properties: { previousId },
    };
    return { event, receivedAt: at };
  });
}
