import { plus, type Instant } from '../../core/time.ts';
import type { Progress, StateStore } from '../../ports/state-store.ts';

/**
 * How far all partitions have come, for all who ask in this process: an answer is given again for a while, and who asks
 * while one is on its way gets that. What an older answer says still holds, it only says less; and without this
 * everybody would read about everybody else, the square of the partitions many times a second.
 */
export class KnownProgress implements Pick<StateStore, 'progress'> {
  private readonly store: Pick<StateStore, 'progress'>;
  private readonly now: () => Instant;
  private readonly reuseMs: number;
  private last: { readonly askedAt: Instant; readonly answer: Promise<readonly Progress[]> } | undefined;

  /** `reuseMs` 0: every question goes to the store. */
  constructor(store: Pick<StateStore, 'progress'>, now: () => Instant, reuseMs: number) {
    this.store = store;
    this.now = now;
    this.reuseMs = reuseMs;
  }

  /** Rejects as the store does; that is not given again. */
  progress(): Promise<readonly Progress[]> {
    const askedAt = this.now();
    if (this.last !== undefined && askedAt < plus(this.last.askedAt, this.reuseMs)) return this.last.answer;
    const answer = this.store.progress();
    const asked = { askedAt, answer };
    this.last = asked;
    answer.catch(() => {
      if (this.last === asked) this.last = undefined;
    });
    return answer;
  }
}
