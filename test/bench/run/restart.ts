import { setTimeout as pause } from 'node:timers/promises';
import { partitionKeys } from '../../../src/adapters/redis/keys.ts';
import { eventually } from '../../support/eventually.ts';
import { linesOf, openInstallation } from './installation.ts';
import { startRun } from './run-process.ts';

export interface RestartPlan {
  readonly file: string;
  readonly partitions: number;
  /** Events that are worked off before the restart, and as many that wait at it. */
  readonly events: number;
}

const LOOK_EVERY_MS = 5;
/** Where nothing else is set. */
const PREFIX = 'tidemark';

/**
 * A worker is stopped, and another started while a backlog waits: how long from when a partition is assigned to it
 * until the first turn in that partition is stored. Read from the log and from Redis, where each commit counts up.
 */
export async function measureRestart({ file, partitions, events }: RestartPlan) {
  const installation = await openInstallation(partitions);
  try {
    const { environment, feed, redis } = installation;
    const revisions = () =>
      Promise.all(
        Array.from({ length: partitions }, async (_, i) =>
          Number(await redis.client.hget(partitionKeys(PREFIX, i).partition, 'revision')),
        ),
      );
    await feed(linesOf(file, events));
    const first = await startRun('worker', environment);
    await eventually(async () => (await first.metric('tidemark_events_total')) >= events, {
      withinMs: 300_000,
      what: 'the first half is worked off',
    });
    const stopMs = await first.stopMs();
    await feed(linesOf(file, events));
    const before = await revisions();
    const startedAt = Date.now();
    const starting = startRun('worker', environment);
    const storedAt = new Map<number, number>();
    while (storedAt.size < partitions) {
      (await revisions()).forEach((revision, partition) => {
        if (revision > (before[partition] ?? 0) && !storedAt.has(partition))
          storedAt.set(partition, Date.now());
      });
      await pause(LOOK_EVERY_MS);
    }
    const second = await starting;
    const takenAt = new Map<number, number>(
      second
        .log()
        .flatMap(({ msg, partition, time }) =>
          msg === 'took a partition' && partition !== undefined
            ? [[partition, Date.parse(time)] as const]
            : [],
        ),
    );
    await second.stopMs();
    return {
      ...{ partitions, stopMs },
      processToAssignedMs: Math.min(...takenAt.values()) - startedAt,
      assignedToFirstCommitMs: [...storedAt].map(([partition, at]) => at - (takenAt.get(partition) ?? 0)),
    };
  } finally {
    await installation.stop();
  }
}
