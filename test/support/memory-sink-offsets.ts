import type { SinkOffsets } from '../../src/ports/sink-offsets.ts';

/** Offsets of one partition, and a hook before each call, which may throw. */
export class MemorySinkOffsets implements SinkOffsets {
  readonly next = new Map<string, number>();
  private readonly before: (call: 'read' | 'advance') => void;

  constructor(before: (call: 'read' | 'advance') => void = () => undefined) {
    this.before = before;
  }

  async read(): Promise<Readonly<Record<string, number>>> {
    await Promise.resolve();
    this.before('read');
    return Object.fromEntries(this.next);
  }

  async advance(_partition: number, source: string, next: number): Promise<void> {
    await Promise.resolve();
    this.before('advance');
    this.next.set(source, Math.max(next, this.next.get(source) ?? 0));
  }
}
