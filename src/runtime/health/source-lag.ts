import type { SourceBlock } from '../../ports/partitioned-source.ts';
import type { SourceKind } from '../../ports/telemetry.ts';

/** How much of a source is not worked off: what was read and is in hand, and what lay behind it when it was read. */
export class SourceLag {
  readonly kind: SourceKind;
  /** The offset after the last record that was read; undefined before the first. */
  private readUntil: number | undefined;
  private workedUntil = 0;
  private behindBlock = 0;
  private inHand = 0;

  constructor(kind: SourceKind) {
    this.kind = kind;
  }

  get records(): number {
    return this.inHand + this.behindBlock;
  }

  read({ records, behind }: SourceBlock<unknown>): void {
    const last = records.at(-1);
    if (last !== undefined) this.readUntil = last.offset + 1;
    this.inHand += records.length;
    this.behindBlock = behind;
    this.settle();
  }

  /** Offsets may have gaps, so that what is in hand is known only up to a block. */
  worked(next: number): void {
    this.workedUntil = next;
    this.settle();
  }

  private settle(): void {
    if (this.readUntil === undefined || this.workedUntil >= this.readUntil) this.inHand = 0;
    else this.inHand = Math.min(this.inHand, this.readUntil - this.workedUntil);
  }
}

/**
 * The same blocks, seen as they pass. Not a generator: what ends the iteration must reach the blocks even while one of
 * them is waited for.
 */
export function readThrough<Content>(
  blocks: AsyncIterable<SourceBlock<Content>>,
  onBlock: (block: SourceBlock<Content>) => void,
): AsyncIterable<SourceBlock<Content>> {
  return {
    [Symbol.asyncIterator]: () => {
      const inner = blocks[Symbol.asyncIterator]();
      return {
        next: async () => {
          const next = await inner.next();
          if (next.done !== true) onBlock(next.value);
          return next;
        },
        return: async () => (await inner.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}
