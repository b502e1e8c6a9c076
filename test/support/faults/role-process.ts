import type { AnalyticsWriter } from '../../../src/ports/analytics.ts';
import type { AnnouncementPublisher } from '../../../src/ports/announcement-publisher.ts';
import type { SinkOffsets } from '../../../src/ports/sink-offsets.ts';
import type { Claim, PartitionChanges, StateStore } from '../../../src/ports/state-store.ts';
import { NEVER, type Instant } from '../../../src/core/time.ts';
import type { SinkPace } from '../../../src/runtime/sink/sink-partition.ts';
import type { WorkerPace } from '../../../src/runtime/worker/partition-worker.ts';
import { startSink, type SinkPlace } from '../run-sink.ts';
import { startWorker, type WorkerPlace } from '../run-world.ts';
import { TEST_POLICY } from '../test-policy.ts';
import { ToldClock, type ToldTime } from './told-clock.ts';

/** Of a worker, the calls of its store and its publisher; of a sink, storing rows and noting that they are. */
export type Step = keyof StateStore | keyof AnnouncementPublisher | keyof AnalyticsWriter | keyof SinkOffsets;

/**
 * Where a process dies of SIGKILL, or is held until SIGUSR2 while everything else in it goes on: before or after the
 * so-manieth call of a step, or when half of the entries it was given are published.
 */
export interface StopAt {
  readonly step: Step;
  readonly when: 'before' | 'halfway' | 'after';
  readonly call: number;
  /** Counts calls about this partition only. */
  readonly partition?: number;
  readonly then?: 'die' | 'hold';
}

export type RolePlan = {
  readonly stop?: StopAt;
  /** Time is what the parent says it is, from here on; without it, the machine's. */
  readonly toldTime?: Instant;
} & (
  | { readonly role: 'worker'; readonly place: WorkerPlace; readonly pace: WorkerPace }
  | { readonly role: 'sink'; readonly place: SinkPlace; readonly pace: SinkPace }
);

/*
 * `role-process PLAN`: a worker or a sink as a process of its own, which says `joined` once it is in its group and `held`
 * where it was told to be. Dying is SIGKILL: no handler runs, nothing is flushed. SIGTERM makes it leave; what ends it
 * otherwise is told, with exit code 1; it does not outlive its parent.
 */
const [, , text] = process.argv;
const plan = JSON.parse(text ?? '{}') as RolePlan;
const { stop } = plan;
let calls = 0;

async function endHere(): Promise<void> {
  if (stop?.then === 'hold') {
    const goesOn = new Promise((resolve) => process.once('SIGUSR2', resolve));
    process.stdout.write('held\n');
    await goesOn;
    return;
  }
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before anything else happens here.
  throw new Error('survived SIGKILL');
}

/** The partition that a call is about, whatever it is given. */
function partitionIn([first]: readonly unknown[]): number | undefined {
  const one = (Array.isArray(first) ? first[0] : first) as Partial<PartitionChanges & Claim> | undefined;
  return one?.claim?.partition ?? one?.partition;
}

async function around<T>(args: readonly unknown[], act: () => Promise<T>): Promise<T> {
  const isCounted = stop?.partition === undefined || stop.partition === partitionIn(args);
  const isHere = isCounted && ++calls === stop?.call;
  if (isHere && stop.when === 'before') await endHere();
  const answer = await act();
  if (isHere && stop.when === 'after') await endHere();
  return answer;
}

function stepping<Port extends object>(behind: Port): Port {
  return new Proxy(behind, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
      return name === stop?.step ? (...args: readonly unknown[]) => around(args, () => call(...args)) : call;
    },
  });
}

function publishingByHalves(behind: AnnouncementPublisher): AnnouncementPublisher {
  if (stop?.step !== 'publish' || stop.when !== 'halfway') return stepping(behind);
  return {
    publish: async (entries) => {
      // One entry has no halves: then it is at the next that has.
      const isHere = ++calls >= stop.call && entries.length > 1;
      await behind.publish(isHere ? entries.slice(0, entries.length / 2) : entries);
      if (isHere) await endHere();
    },
  };
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
const told = plan.toldTime === undefined ? undefined : new ToldClock(plan.toldTime);
if (told !== undefined) process.on('message', (time: ToldTime) => told.tell(time));
// What is in a topic may reach it before it is told the time.
const clock = told === undefined ? {} : { clock: told, present: () => NEVER };

function fail(error: unknown): never {
  process.stderr.write(`${plan.role}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

const start = () =>
  plan.role === 'worker'
    ? startWorker(plan.place, TEST_POLICY, plan.pace, {
        ...clock,
        store: stepping,
        publisher: publishingByHalves,
      })
    : startSink(plan.place, plan.pace, { ...clock, writer: stepping, offsets: stepping });
const running = await start().catch(fail);
const leave = () => void running.leave().then(() => process.exit(0), fail);
process.once('SIGTERM', leave);
process.stdout.write('joined\n');
// What ended it before anybody said so is told by leaving.
void running.ended.then(leave);
