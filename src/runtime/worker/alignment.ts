import { NEVER, earliest, instant, latest, plus, type Instant } from '../../core/time.ts';
import type { Progress, StateStore } from '../../ports/state-store.ts';

/**
 * How far the other partitions have come, as one partition must know it: a sale that another has yet to take in must
 * not be missed when somebody is asked for having been silent.
 */
export class Alignment {
  private readonly store: Pick<StateStore, 'progress'>;
  private readonly partition: number;
  private progress: readonly Progress[] = [];
  private complete: Instant = instant(0);

  constructor(store: Pick<StateStore, 'progress'>, partition: number) {
    this.store = store;
    this.partition = partition;
  }

  /**
   * Asks the store. Note one's own progress before: others rely on it.
   * @returns up to where everything is in that others have to say to this partition
   */
  async ask(): Promise<Instant> {
    this.progress = await this.store.progress();
    if (this.isSettled()) {
      let least: Instant = NEVER;
      this.progress.forEach(({ until }, partition) => {
        if (partition !== this.partition) least = earliest(least, until);
      });
      this.complete = latest(this.complete, least);
    }
    return this.complete;
  }

  /**
   * Whether a record that arrived at `at` comes before everything that any other partition has still to take in, so that
   * nothing can be stated any more that comes before it. Of two that arrived at once, that of the lower partition does.
   */
  isNext(at: Instant): boolean {
    return (
      this.isSettled() &&
      this.progress.every(
        ({ until }, partition) =>
          partition === this.partition || until >= at || (partition > this.partition && plus(until, 1) >= at),
      )
    );
  }

  /** Whether all that was sent is taken, but for what comes after what its receiver has come to. */
  private isSettled(): boolean {
    return this.progress.every(({ sent }) =>
      Object.entries(sent).every(([partition, bySource]) => {
        const { taken = {}, holdsBack = false } = this.progress[Number(partition)] ?? {};
        return holdsBack || Object.entries(bySource).every(([source, next]) => (taken[source] ?? 0) >= next);
      }),
    );
  }
}
