interface Waiting<Send> {
  readonly send: Send;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export interface MergingOptions<Send> {
  readonly sendAll: (sends: readonly Send[]) => Promise<void>;
  readonly bytesOf: (send: Send) => number;
  /** What is sent together is no more than that, unless one alone is. */
  readonly mostBytes: number;
  /** Whether a failure is that of everything, rather than of one that was sent with the others. */
  readonly isOfAll: (failure: unknown) => boolean;
}

/**
 * Sends what comes while another send is under way together, once that is done: a request costs the same whatever is in
 * it, and the brokers take one at a time of an idempotent producer. In the order given. Each send is answered by
 * itself: where together fails what may be the fault of one, they are tried one by one.
 */
export class MergedSends<Send> {
  private readonly options: MergingOptions<Send>;
  private readonly waiting: Waiting<Send>[] = [];
  private isSending = false;

  constructor(options: MergingOptions<Send>) {
    this.options = options;
  }

  send(send: Send): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ send, bytes: this.options.bytesOf(send), resolve, reject });
      if (!this.isSending) void this.sendWaiting();
    });
  }

  private async sendWaiting(): Promise<void> {
    this.isSending = true;
    // What is sent in the same breath goes together, too.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.sendTogether(this.next());
    this.isSending = false;
  }

  private next(): readonly Waiting<Send>[] {
    let bytes = 0;
    let count = 0;
    for (const one of this.waiting) {
      bytes += one.bytes;
      if (count > 0 && bytes > this.options.mostBytes) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async sendTogether(together: readonly Waiting<Send>[]): Promise<void> {
    try {
      await this.options.sendAll(together.map(({ send }) => send));
      for (const { resolve } of together) resolve();
    } catch (error) {
      if (together.length === 1 || this.options.isOfAll(error))
        for (const { reject } of together) reject(error);
      else for (const one of together) await this.sendTogether([one]);
    }
  }
}
