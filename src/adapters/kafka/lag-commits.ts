const COMMIT_EVERY_MS = 1_000;
const FLUSH_DEADLINE_MS = 2_000;

/** Offsets by source. */
export type Offsets = Readonly<Record<string, number>>;

/**
 * Tells the brokers how far was processed: at most once a second, the newest of what was reported, one commit at a
 * time. What cannot be told is left out, since the next one says more.
 */
export class LagCommits {
  private readonly commit: (offsets: Offsets) => Promise<void>;
  private pending: Record<string, number> = {};
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;

  constructor(commit: (offsets: Offsets) => Promise<void>) {
    this.commit = commit;
  }

  report(offsets: Offsets): void {
    Object.assign(this.pending, offsets);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.send();
    }, COMMIT_EVERY_MS).unref();
  }

  /** Forgets what was not told yet: the partitions are another's. */
  clear(): void {
    this.pending = {};
  }

  /** Tells what is left, as far as the brokers answer in time. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_DEADLINE_MS)));
    await Promise.race([(this.underWay ?? Promise.resolve()).then(() => this.send()), deadline]);
    clearTimeout(timer);
  }

  private async send(): Promise<void> {
    if (this.underWay !== undefined || Object.keys(this.pending).length === 0) return;
    const offsets = this.pending;
    this.pending = {};
    this.underWay = this.commit(offsets)
      .catch(() => undefined)
      .finally(() => (this.underWay = undefined));
    await this.underWay;
  }
}
