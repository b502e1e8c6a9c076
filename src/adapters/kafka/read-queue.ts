/** Something that lies ready, and what is to be done once its reader is done with it. */
export interface Queued<Ready> {
  readonly ready: Ready;
  readonly release: () => void;
}

/** What is on its way from the client, which pushes, to the one who reads, who pulls. The order is kept. */
export class ReadQueue<Ready> {
  private readonly queued: Queued<Ready>[] = [];
  private waiting: (() => void) | undefined;
  private ended: { readonly error?: Error } | undefined;

  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  push(queued: Queued<Ready>): void {
    if (this.ended !== undefined) return;
    this.queued.push(queued);
    this.wake();
  }

  /** What was pushed is thrown away, and `take` says that nothing more comes; with an error, it throws that. */
  end(error?: Error): void {
    this.ended ??= error === undefined ? {} : { error };
    this.queued.length = 0;
    this.wake();
  }

  /** The next as soon as there is one; undefined once it ended. */
  async take(): Promise<Queued<Ready> | undefined> {
    while (this.queued.length === 0 && this.ended === undefined)
      await new Promise<void>((resolve) => (this.waiting = resolve));
    if (this.ended?.error !== undefined) throw this.ended.error;
    return this.queued.shift();
  }

  private wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}
