import type { AnnouncementPublisher } from '../../../src/ports/announcement-publisher.ts';
import type { StateStore } from '../../../src/ports/state-store.ts';
import type { WorkerPace } from '../../../src/runtime/worker/partition-worker.ts';
import { startWorker, type WorkerPlace } from '../run-world.ts';
import { TEST_POLICY } from '../test-policy.ts';

/** Where a worker kills itself: before or after the so-manieth call of a step. */
export interface KillAt {
  readonly step: keyof StateStore | 'publish';
  readonly when: 'before' | 'after';
  readonly call: number;
}

export interface WorkerProcessPlan {
  readonly place: WorkerPlace;
  readonly pace: WorkerPace;
  readonly kill?: KillAt;
}

/*
 * `worker-process PLAN`: one worker as a process of its own, which says `joined` once it is in the group and may be told
 * to kill itself (SIGKILL: no handler runs, nothing is flushed). SIGTERM makes it leave.
 */
const [, , text] = process.argv;
const { place, pace, kill } = JSON.parse(text ?? '{}') as WorkerProcessPlan;
let calls = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before anything else happens here.
  throw new Error('survived SIGKILL');
}

async function around<T>(step: KillAt['step'], act: () => Promise<T>): Promise<T> {
  const isFatal = kill?.step === step && ++calls === kill.call;
  if (isFatal && kill.when === 'before') die();
  const answer = await act();
  if (isFatal) die();
  return answer;
}

const store = (behind: StateStore): StateStore =>
  new Proxy(behind, {
    get(target, name: keyof StateStore) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function' || name !== kill?.step) return value;
      const call = value.bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
      return (...args: readonly unknown[]) => around(name, () => call(...args));
    },
  });

const publisher = (behind: AnnouncementPublisher): AnnouncementPublisher => ({
  publish: (entries) => around('publish', () => behind.publish(entries)),
});

const worker = await startWorker(place, TEST_POLICY, pace, { store, publisher });
process.stdout.write('joined\n');
process.once('SIGTERM', () => {
  worker.leave().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
