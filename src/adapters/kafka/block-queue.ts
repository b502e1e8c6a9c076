import type { SourceBlock } from '../../ports/partitioned-source.ts';

/** A block, and what is to be done once its reader is done with it. */
export interface QueuedBlock<Content> {
  readonly block: SourceBlock<Content>;
  readonly release: () => void;
}

/** Blocks on their way from the client, which pushes, to the one who reads, who pulls. The order is kept. */
export class BlockQueue<Content> {
  private readonly blocks: QueuedBlock<Content>[] = [];
  private waiting: (() => void) | undefined;
  private ended: { readonly error?: Error } | undefined;

  push(block: QueuedBlock<Content>): void {
    if (this.ended !== undefined) return;
    this.blocks.push(block);
    this.wake();
  }

  /** What was pushed is thrown away, and `take` says that nothing more comes; with an error, it throws that. */
  end(error?: Error): void {
    this.ended ??= error === undefined ? {} : { error };
    this.blocks.length = 0;
    this.wake();
  }

  /** The next block as soon as there is one; undefined once it ended. */
  async take(): Promise<QueuedBlock<Content> | undefined> {
    while (this.blocks.length === 0 && this.ended === undefined)
      await new Promise<void>((resolve) => (this.waiting = resolve));
    if (this.ended?.error !== undefined) throw this.ended.error;
    return this.blocks.shift();
  }

  private wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}
