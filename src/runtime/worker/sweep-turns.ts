/** A partition that wants to let time pass. */
export interface Sweeper {
  /** It is its turn: `enter` would let it in. */
  readonly wake: () => void;
}

/**
 * Lets one partition of a process at a time work on those whose time has come, in turns, a few people each: so what
 * arrives meanwhile, in whatever partition, waits for one of them at most, however many are due at once.
 */
export class SweepTurns {
  private inside: Sweeper | undefined;
  private readonly waiting = new Set<Sweeper>();

  /** Somebody is at it, or about to. */
  get isBusy(): boolean {
    return this.inside !== undefined || this.waiting.size > 0;
  }

  /** Whoever is not let in waits in line, and is woken. Who was let in must leave. */
  enter(sweeper: Sweeper): boolean {
    const [first = sweeper] = this.waiting;
    if (this.inside !== undefined || first !== sweeper) {
      this.waiting.add(sweeper);
      return false;
    }
    this.waiting.delete(sweeper);
    this.inside = sweeper;
    return true;
  }

  /** Also leaves the line. Who is not there may leave as well. */
  leave(sweeper: Sweeper): void {
    this.waiting.delete(sweeper);
    if (this.inside === sweeper) this.inside = undefined;
    if (this.inside !== undefined) return;
    const [next] = this.waiting;
    next?.wake();
  }
}
