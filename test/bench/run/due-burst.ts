import { setTimeout as pause } from 'node:timers/promises';
import { DAY_MS, instant, isoOf } from '../../../src/core/time.ts';
import { eventually } from '../../support/eventually.ts';
import { EVENTS, linesOf, messageOf, openInstallation, TAGS } from './installation.ts';
import { Journeys } from './journeys.ts';
import { latencies } from './latencies.ts';
import { listen } from './listener.ts';
import { sendLive } from './live-traffic.ts';
import { startRun } from './run-process.ts';

export interface DueBurstPlan {
  readonly file: string;
  readonly partitions: number;
  readonly people: number;
  /** Live events a second meanwhile. */
  readonly perSecond: number;
}

/** Who looked at something is a potential buyer for so long. */
const POTENTIAL_DAYS = 90;
/** Until the burst: they must all have been taken in by then. */
const LEAD_MS = 75_000;
const AFTER_MS = 60_000;
const SENT_AT_ONCE = 5_000;

/**
 * So many people looked at something once, at the very same millisecond 90 days ago, and have done nothing since: all of
 * them are due at one instant. How long from that instant until a subscriber has each of the changes, and how long live
 * events take before and meanwhile.
 */
export async function measureDueBurst({ file, partitions, people, perSecond }: DueBurstPlan) {
  const installation = await openInstallation(partitions);
  try {
    const before = new Journeys();
    const meanwhile = new Journeys();
    const lateMs: number[] = [];
    const dueAt = Date.now() + LEAD_MS;
    const due = isoOf(instant(dueAt));
    const silence = await listen(installation, (heard) => {
      const { topic, at, data } = heard;
      if (topic === TAGS && data.cause === 'time' && data.effectiveAt === due) lateMs.push(at - dueAt);
      (at < dueAt ? before : meanwhile).hear(heard);
    });
    const sink = await startRun('sink', installation.environment);
    const worker = await startRun('worker', installation.environment);
    const looked = isoOf(instant(dueAt - POTENTIAL_DAYS * DAY_MS));
    for (let from = 0; from < people; from += SENT_AT_ONCE) {
      const now = isoOf(instant(Date.now()));
      const lines = Array.from({ length: Math.min(SENT_AT_ONCE, people - from) }, (_, i) =>
        JSON.stringify({
          ...{ receivedAt: now, type: 'track', messageId: `due-${from + i}`, userId: `due-${from + i}` },
          ...{ timestamp: looked, event: 'Product Viewed', properties: { product_id: 'x' } },
        }),
      );
      await installation.publisher.send(
        EVENTS,
        lines.map((line) => messageOf(line, partitions)),
      );
    }
    await eventually(async () => (await worker.metric('tidemark_events_total')) >= people, {
      withinMs: LEAD_MS,
      what: 'all who will be due are taken in',
    });
    const isInTime = Date.now() < dueAt;
    const began = (messageId: string, at: number): void => {
      before.began(messageId, at);
      meanwhile.began(messageId, at);
    };
    const forMs = dueAt + AFTER_MS - Date.now();
    await sendLive(installation, linesOf(file), { perSecond, forMs }, began);
    await pause(1_000);
    await silence();
    await worker.stopMs();
    await sink.stopMs();
    return {
      ...{ people, allTakenInBefore: isInTime, perSecond },
      dueToSubscriberMs: latencies(lateMs),
      eventToTagMs: { before: latencies(before.toTag), meanwhile: latencies(meanwhile.toTag) },
    };
  } finally {
    await installation.stop();
  }
}
