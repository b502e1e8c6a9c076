import type { Logger } from 'pino';
import { RunMetrics } from '../adapters/prometheus/run-metrics.ts';
import type { Assignment } from '../ports/partitioned-source.ts';
import type { LastingOutage, WorkingRole } from '../ports/telemetry.ts';
import type { TidemarkError } from '../errors.ts';
import type { HeldPartition } from '../runtime/health/held-partition.ts';
import { RunHealth } from '../runtime/health/run-health.ts';
import type { World } from './world.ts';

/**
 * What `run` lets others see of itself: health, metrics and the log. One line a partition taken or given up, one at
 * the beginning and one at the end of an outage, however often it was tried in between; none names a person or
 * holds anything of an event.
 */
export class RunWatch {
  readonly health: RunHealth;
  readonly metrics: RunMetrics;
  readonly log: Logger;

  constructor({ wallClock: now, log }: Pick<World, 'wallClock' | 'log'>, roles: readonly WorkingRole[]) {
    this.health = new RunHealth(now, roles);
    this.metrics = new RunMetrics({ now, roles, partitions: () => this.health.partitions });
    this.log = log;
  }

  /** Keeps a partition in sight until the work on it is done. */
  async during<Content>(
    role: WorkingRole,
    assignment: Assignment<Content>,
    work: (watched: Assignment<Content>, held: HeldPartition) => Promise<void>,
  ): Promise<void> {
    const { partition } = assignment;
    const held = this.health.hold(role, partition);
    this.log.info({ role, partition }, 'took a partition');
    try {
      await work(
        held.watch(assignment, (kind, records) => this.metrics.read(role, kind, records)),
        held,
      );
    } finally {
      this.health.release(held);
      this.log.info({ role, partition }, 'gave a partition up');
    }
  }

  waits(
    held: HeldPartition,
    of: LastingOutage['of'],
    { code, message }: Pick<TidemarkError, 'code' | 'message'>,
  ): void {
    const { role, partition } = held;
    if (!held.waits(of, code)) return;
    this.metrics.outageBegan(role, code);
    this.log.warn({ role, partition, code }, `waiting: ${message}`);
  }

  goesOn(held: HeldPartition, of: LastingOutage['of']): void {
    const { role, partition } = held;
    const ended = held.goesOn(of);
    if (ended === undefined) return;
    const { code, since } = ended;
    this.log.info({ role, partition, code, since: new Date(since).toISOString() }, 'goes on');
  }
}
