import type { SeededRandom } from '../../src/core/seeded-random.ts';
import type { Fault } from './fault-plan.ts';
import type { TortureWorld } from './torture-world.ts';

/** Of what is asked of Redis while answers are lost. */
const LOST_SHARE = 1 / 25;

/** Begins a fault; resolves with what ends it. */
export async function inflict(
  fault: Fault,
  world: TortureWorld,
  random: SeededRandom,
): Promise<() => Promise<void> | void> {
  const { kafka, redis, clickhouse, proxy } = world;
  switch (fault.kind) {
    case 'killed':
      await world.endRole(fault.of, 'SIGKILL');
      return () => world.startRole(fault.of);
    case 'stopped':
      await world.endRole(fault.of, 'SIGTERM');
      return () => world.startRole(fault.of);
    case 'paused':
      world.signal(fault.of, 'SIGSTOP');
      return () => world.signal(fault.of, 'SIGCONT');
    case 'joined':
      await world.startRole(fault.of);
      return () => world.endRole(fault.of, 'SIGTERM');
    case 'redis killed':
      await redis.kill();
      return () => redis.start();
    case 'redis paused':
      redis.pause();
      return () => redis.resume();
    case 'redis rolled back':
      return world.copyRedis();
    case 'redis answers lost':
      proxy.verdictOn = () => (random.uniform() < LOST_SHARE ? 'lose' : 'pass');
      return () => {
        proxy.verdictOn = () => 'pass';
      };
    case 'kafka killed':
      await kafka.kill();
      return () => kafka.restart();
    case 'kafka paused':
      await kafka.pause();
      return () => kafka.resume();
    case 'clickhouse down':
      await clickhouse.goDown();
      return () => clickhouse.comeUp();
    case 'clickhouse killed':
      await clickhouse.kill();
      return () => clickhouse.restart();
    case 'clickhouse answers lost':
      await world.loseInserts();
      return () => clickhouse.loseAnswers(0);
  }
}

export function wordsOf(fault: Fault): string {
  const seconds = `${(fault.lastsMs / 1000).toFixed(1)} s`;
  switch (fault.kind) {
    case 'killed':
      return `${fault.of} is killed, and started again after ${seconds}`;
    case 'stopped':
      return `${fault.of} is asked to leave, and started again after ${seconds}`;
    case 'paused':
      return `${fault.of} is paused for ${seconds}`;
    case 'joined':
      return `${fault.of} joins, and leaves after ${seconds}`;
    case 'redis rolled back':
      return `a copy of redis is made, which replaces it in ${seconds}`;
    default:
      return `${fault.kind}, for ${seconds}`;
  }
}
