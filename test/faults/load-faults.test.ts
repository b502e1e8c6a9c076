import { describe, expect, it } from 'vitest';
import type { TrackedEvent } from '../../src/core/events/event.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, plus, type Instant } from '../../src/core/time.ts';
import type { CloudEvent } from '../../src/core/triggers/trigger.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { eventually } from '../support/eventually.ts';
import { HISTORY_STARTS_AT, sharedFaultWorld } from '../support/faults/fault-world.ts';
import { PARTITIONS, type Installation } from '../support/faults/installation.ts';
import { messagesIn } from '../support/kafka/messages-in.ts';
import { numbered } from '../support/listed-source.ts';
import { IN_ORDER, sendRecords, topicsOf, type WorkerPlace } from '../support/run-world.ts';

const TEST_MS = 180_000;
/** All together well within the session. */
const ASKED_MS = 300;
const AWAKE_MS = 700;

const world = sharedFaultWorld();

/** People who bought something once; who does nothing for 14 days after that is dormant under the policy of the tests. */
const PEOPLE = Array.from({ length: 12 }, (_, i) => `person-${i}`);
const DORMANT_AFTER_MS = 14 * DAY_MS;

function each(name: string, at: Instant, properties: TrackedEvent['properties'] = {}): SourceRecord[] {
  return numbered(
    PEOPLE.map((personId, i) => {
      const happenedAt = plus(at, i);
      const messageId = `${name} ${personId} ${at}`;
      return { event: { messageId, personId, at: happenedAt, name, properties }, receivedAt: happenedAt };
    }),
  );
}

async function passed(ms: number): Promise<void> {
  const fromMs = performance.now();
  await eventually(() => performance.now() > fromMs + ms);
}

describe('nobody becomes dormant because a consumer is an hour behind', () => {
  const boughtAt = HISTORY_STARTS_AT;
  const dueAt = plus(boughtAt, DORMANT_AFTER_MS);
  const beforeAnHour = plus(dueAt, -40 * MINUTE_MS);
  const activeAt = plus(dueAt, -20 * MINUTE_MS);
  const now = plus(beforeAnHour, HOUR_MS);
  const PACE = { ...IN_ORDER, tickMs: 0, settleMs: 1000, lingerMs: 0 };

  async function bought(name: string, place: Partial<WorkerPlace> = {}): Promise<Installation> {
    const orders = PEOPLE.flatMap((personId, i) => {
      const at = plus(boughtAt, i);
      const properties = { orderId: `order ${i}`, totalMinor: 10_000 };
      return [
        {
          event: { messageId: `order ${i}`, personId, at, name: 'Order Completed', properties },
          receivedAt: at,
        },
      ];
    });
    return world().open(name, numbered(orders), place);
  }

  async function expectNobodyDormant(installation: Installation): Promise<void> {
    const verdict = await installation.verdict(plus(now, -PACE.settleMs));
    expect(verdict.violations).toEqual([]);
    expect(verdict.counts.events).toBe(2 * PEOPLE.length);
    expect(verdict.alone.tag_transitions.some(({ to_tag }) => to_tag === 'ordinary')).toBe(true);
    expect(verdict.alone.tag_transitions.filter(({ to_tag }) => to_tag === 'dormant')).toEqual([]);
  }

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'that ended an hour ago with %s and is started again',
    async (signal) => {
      const installation = await bought(`behind-${signal.toLowerCase()}`);
      const before = await installation.toldWorker(beforeAnHour, PACE);
      await installation.caughtUp(plus(beforeAnHour, -PACE.settleMs));
      before.signal(signal);
      await before.ended;
      await sendRecords(world().kafka, installation.name, each('Product Viewed', activeAt), PARTITIONS);
      await installation.toldWorker(now, PACE);
      await expectNobodyDormant(installation);
    },
    TEST_MS,
  );

  it(
    'that stood still for an hour, and wakes up before it hears of what arrived meanwhile',
    async () => {
      const proxy = await world().kafka.startProxy();
      const installation = await bought('behind-paused', { kafka: proxy.address });
      const worker = await installation.toldWorker(beforeAnHour, PACE);
      await installation.caughtUp(plus(beforeAnHour, -PACE.settleMs));
      worker.signal('SIGSTOP');
      // What it asked for before is answered by then.
      await passed(ASKED_MS);
      proxy.verdictOn = () => 'hold';
      await sendRecords(world().kafka, installation.name, each('Product Viewed', activeAt), PARTITIONS);
      worker.signal('SIGCONT');
      worker.tell(now);
      // It asks Redis a hundred times meanwhile.
      await passed(AWAKE_MS);
      expect(proxy.held).toBeGreaterThan(0);
      proxy.verdictOn = () => 'pass';
      proxy.release();
      await expectNobodyDormant(installation);
      await proxy.close();
    },
    TEST_MS,
  );
});

describe('a key with half of the traffic', () => {
  const HOT = 'hot';
  const CALM = Array.from({ length: 20 }, (_, i) => `calm-${i}`);
  const startAt = plus(HISTORY_STARTS_AT, DAY_MS);

  /** Every other event is of one person; two days of it. */
  function traffic(): SourceRecord[] {
    return numbered(
      Array.from({ length: 1200 }, (_, i) => {
        const personId = i % 2 === 0 ? HOT : (CALM[((i - 1) / 2) % CALM.length] ?? '');
        const at = plus(startAt, i * 2 * MINUTE_MS);
        const isOrder = i % 60 === 1 || i % 60 === 2;
        return {
          event: {
            ...{ messageId: `m${i}`, personId, at },
            ...(isOrder
              ? { name: 'Order Completed', properties: { orderId: `o${i}`, totalMinor: 50_000 } }
              : { name: 'Product Viewed', properties: { productId: `i${i % 9}`, category: 'bags' } }),
          },
          receivedAt: at,
        };
      }),
    );
  }

  it(
    'decides as one process does',
    async () => {
      const installation = await world().open('hot-key', traffic());
      await installation.worker();
      await installation.worker();
      const { alone } = await world().expectAsAlone(installation, 1200);
      expect(new Set(alone.tag_transitions.map(({ person_id }) => person_id)).size).toBe(21);
    },
    TEST_MS,
  );

  it(
    'does not keep the others waiting for what is decided about them',
    async () => {
      // A turn is at most a seventh of what is to come to the partition.
      const pace = { ...IN_ORDER, maxSkewMs: 3 * DAY_MS, turnRecords: 100 };
      const installation = await world().open('hot-key-held', traffic());
      const partition = installation.homeOf(HOT);
      const held = { step: 'commit', when: 'before', call: 2, partition, then: 'hold' } as const;
      const worker = await installation.worker(held, pace);
      await eventually(() => worker.isHeld(), { withinMs: 60_000 });
      const elsewhere = CALM.filter((personId) => installation.homeOf(personId) !== partition);
      const tellings = async () => {
        const texts = await messagesIn(world().kafka, topicsOf(installation.name).tags);
        return texts.map((text) => {
          const { subject, data } = JSON.parse(text) as CloudEvent;
          return { subject, at: Date.parse(String(data['effectiveAt'])) };
        });
      };
      const told = async () => new Set((await tellings()).map(({ subject }) => subject));
      await eventually(
        async () => {
          const toldOf = await told();
          return elsewhere.every((personId) => toldOf.has(personId));
        },
        { withinMs: 60_000 },
      );
      expect([elsewhere.length > 5, elsewhere.length < CALM.length]).toEqual([true, true]);
      // The first commit was let through: nobody may be told of what lies after it.
      const committedUpTo = await installation.clockOf(partition);
      expect(committedUpTo).toBeLessThan(plus(startAt, DAY_MS));
      const toldBeyond = async () =>
        (await tellings()).filter(
          ({ subject, at }) => installation.homeOf(subject) === partition && at > committedUpTo,
        );
      expect(await toldBeyond()).toEqual([]);
      worker.signal('SIGUSR2');
      await installation.caughtUp();
      expect((await toldBeyond()).map(({ subject }) => subject)).toContain(HOT);
      expect([...(await told())].toSorted()).toEqual([HOT, ...CALM].toSorted());
    },
    TEST_MS,
  );
});
