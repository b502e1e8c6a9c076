import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../src/core/seeded-random.ts';
import { DAY_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { eventually } from '../support/eventually.ts';
import { isStored, judgeStored } from '../support/faults/stored-rows.ts';
import { judge, type Verdict } from '../support/faults/verdict.ts';
import { StampedProducer, type StampedMessage } from '../support/kafka/stamped-producer.ts';
import { IN_ORDER, topicsOf } from '../support/run-world.ts';
import { TEST_POLICY } from '../support/test-policy.ts';
import { isDone } from '../support/worker-world.ts';
import { STREAM_DAYS, STREAM_STARTS_AT, streamOf } from './event-stream.ts';
import { AT_FIRST, planFaults, type Fault } from './fault-plan.ts';
import { inflict, wordsOf } from './inflict-fault.ts';
import { INSTALLATION, PARTITIONS, TortureWorld } from './torture-world.ts';

export interface TortureOptions {
  readonly seed: number;
  /** How long events come and things fail; what is left to do then is done without faults. */
  readonly lengthMs: number;
  readonly say: (line: string) => void;
  /** Ends it early: everything is cleaned up, and nothing is judged. */
  readonly signal?: AbortSignal;
}

export interface TortureResult {
  readonly faults: number;
  readonly counts: Verdict['counts'] & { readonly sent: number; readonly rows: number };
  readonly violations: readonly string[];
}

/** Of people, for each minute: what three workers in one order have time for, and more. */
const PEOPLE_PER_MINUTE = 35;
const LEAST_PEOPLE = 30;
/** In which nothing happens any more, and people become dormant. */
const QUIET_DAYS = 4;
/**
 * How late time passes for the silent, by the machine's clock: longer than whatever fails here can keep what has arrived
 * from being read, since time must not pass before it is.
 */
const SETTLE_MS = 15_000;
const STEP_MS = 50;
const REPORT_EVERY_MS = 30_000;
const DRAIN_WITHIN_MS = 600_000;

/**
 * Feeds a seeded stream to real workers and sinks on real servers while all of them fail by a seeded plan, and judges what
 * came of it once everything works again: what one process decides that reads the raw events in the order of arrival is
 * what was told, each under one id, stored once and remembered.
 *
 * The time of the stream passes many times as fast as the machine's. It is what the one who sends says it is: nobody is told
 * of an instant before everything that arrived up to it is in the topic.
 */
export async function torture(options: TortureOptions): Promise<TortureResult | undefined> {
  const { seed, lengthMs, signal } = options;
  const beganMs = performance.now();
  const say = (line: string): void => options.say(`${elapsed(performance.now() - beganMs)}  ${line}`);
  const people = Math.max(LEAST_PEOPLE, Math.round((lengthMs / 60_000) * PEOPLE_PER_MINUTE));
  const stream = await streamOf(seed, people, PARTITIONS);
  const speed = ((STREAM_DAYS + QUIET_DAYS) * DAY_MS) / lengthMs;
  const settleMs = Math.ceil(SETTLE_MS * speed);
  const pace = { ...IN_ORDER, settleMs, tickMs: 0, askAgainMs: 0, lingerMs: 0 };
  const world = await TortureWorld.start(STREAM_STARTS_AT, pace);
  try {
    await Promise.all(AT_FIRST.map((role) => world.startRole(role)));
    say(`${stream.length} events of ${people} people are sent to ${AT_FIRST.join(', ')}`);
    const faults = planFaults(seed, lengthMs + SETTLE_MS);
    const asOf = plus(STREAM_STARTS_AT, (STREAM_DAYS + QUIET_DAYS) * DAY_MS);
    const ofRoles = faults.filter(({ of }) => of !== undefined);
    const ofServers = faults.filter(({ of }) => of === undefined);
    const isSent = new AbortController();
    const over = AbortSignal.any([isSent.signal, ...(signal === undefined ? [] : [signal])]);
    const suffering = Promise.all([ofRoles, ofServers].map((track) => suffer(track, world, seed, say, over)));
    await sendAll(world, stream, plus(asOf, settleMs), speed, say, signal);
    isSent.abort();
    const suffered = (await suffering).reduce((sum, count) => sum + count, 0);
    if (signal?.aborted === true) return undefined;
    say('all events are sent, and nothing fails any more');
    return { faults: suffered, ...(await settle(world, stream.length, asOf, settleMs, say)) };
  } finally {
    await world.close();
  }
}

/** Sends what has arrived, and then tells everybody how late it is. */
async function sendAll(
  world: TortureWorld,
  stream: readonly StampedMessage[],
  endsAt: Instant,
  speed: number,
  say: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const producer = new StampedProducer(world.kafka.address);
  const topic = topicsOf(INSTALLATION).events;
  let next = 0;
  let present = STREAM_STARTS_AT;
  let reportAtMs = performance.now() + REPORT_EVERY_MS;
  for (let before = performance.now(); present < endsAt && signal?.aborted !== true; await pause(STEP_MS)) {
    const now = performance.now();
    // An outage of the brokers holds time up, rather than make it jump.
    present = instant(Math.min(endsAt, Math.floor(present + Math.min(now - before, 4 * STEP_MS) * speed)));
    before = now;
    const first = next;
    while (next < stream.length && (stream[next]?.stampedAt ?? endsAt) <= present) next += 1;
    await producer.send(topic, stream.slice(first, next), signal);
    world.tell(present);
    if (now < reportAtMs) continue;
    reportAtMs = now + REPORT_EVERY_MS;
    say(`${next} of ${stream.length} events are sent`);
  }
  await producer.close().catch(() => undefined);
}

/**
 * One fault after the other, each at its time, or later by what those before took longer than they were to, until all is
 * sent.
 * @returns how many there were time for
 */
async function suffer(
  faults: readonly Fault[],
  world: TortureWorld,
  seed: number,
  say: (line: string) => void,
  over: AbortSignal,
): Promise<number> {
  let beganMs = performance.now();
  const random = seededRandom(seed, 'answers');
  const until = async (atMs: number) => {
    const leftMs = beganMs + atMs - performance.now();
    if (leftMs < 0) beganMs -= leftMs;
    else await pause(leftMs, undefined, { signal: over }).catch(() => undefined);
  };
  for (const [i, fault] of faults.entries()) {
    await until(fault.atMs);
    if (over.aborted) return i;
    say(wordsOf(fault));
    const end = await inflict(fault, world, random);
    await until(fault.atMs + fault.lastsMs);
    await end();
  }
  return faults.length;
}

async function settle(
  world: TortureWorld,
  sent: number,
  asOf: Instant,
  settleMs: number,
  say: (line: string) => void,
): Promise<Omit<TortureResult, 'faults'>> {
  const { kafka, store, clickhouse, database, connection } = world;
  let reportAtMs = performance.now() + REPORT_EVERY_MS;
  const isSettled = async (): Promise<boolean> => {
    if (world.deaths.length > 0) return true;
    // Who stood still when it was told did not hear of it.
    world.tell(plus(asOf, settleMs));
    if (performance.now() > reportAtMs) {
      reportAtMs += REPORT_EVERY_MS;
      const behind = (await store.progress()).map(({ until }) => ((asOf - until) / DAY_MS).toFixed(1));
      say(`days that are still to be worked off: ${behind.join(', ')}`);
    }
    return (await isDone(store, asOf)) && isStored(kafka, connection, INSTALLATION);
  };
  await eventually(isSettled, { withinMs: DRAIN_WITHIN_MS, what: 'everything is worked off and stored' });
  await world.leave();
  say('everything is worked off and stored, and all have left');
  const claims = await Promise.all(Array.from({ length: PARTITIONS }, (_, i) => store.claim(i)));
  const until = instant(Math.max(...claims.map(({ clock }) => clock)));
  const { counts, violations, alone } = await judge(kafka, INSTALLATION, store, TEST_POLICY, until);
  const stored = await judgeStored(clickhouse, database, alone);
  const lost =
    counts.events < sent ? [`${sent} events were sent, and ${counts.events} are in the topic`] : [];
  return {
    counts: { ...counts, sent, rows: stored.rows },
    violations: [...world.deaths, ...lost, ...violations, ...stored.violations],
  };
}

function elapsed(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = `${Math.floor(tenths / 10) % 60}.${tenths % 10}`;
  return `${Math.floor(tenths / 600)}:${seconds.padStart(4, '0')}`;
}
