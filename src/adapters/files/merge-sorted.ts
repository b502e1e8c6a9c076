/** A sorted stream with the block at hand. */
interface Cursor<T> {
  readonly rest: AsyncIterator<readonly T[]>;
  block: readonly T[];
  next: number;
}

const BLOCK_ITEMS = 1024;

/**
 * One sorted stream out of many, in blocks; holds one block of each. Equal items come from earlier streams first.
 * All streams are closed when the consumer stops or one of them fails.
 */
export async function* mergeSorted<T>(
  streams: readonly AsyncIterable<readonly T[]>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<readonly T[]> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heap: Cursor<T>[] = [];
    for (const rest of iterators) {
      const cursor = { rest, block: [], next: 0 };
      if (await advance(cursor)) heap.push(cursor);
    }
    const isBefore = (a: Cursor<T>, b: Cursor<T>): boolean => {
      const order = compare(itemOf(a), itemOf(b));
      return order < 0 || (order === 0 && iterators.indexOf(a.rest) < iterators.indexOf(b.rest));
    };
    for (let i = heap.length >> 1; i >= 0; i--) sink(heap, i, isBefore);
    let out: T[] = [];
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      out.push(itemOf(top));
      if (out.length === BLOCK_ITEMS) {
        yield out;
        out = [];
      }
      if (++top.next === top.block.length && !(await advance(top))) {
        const last = heap.pop();
        if (last !== undefined && last !== top) heap[0] = last;
      }
      sink(heap, 0, isBefore);
    }
    if (out.length > 0) yield out;
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

async function advance<T>(cursor: Cursor<T>): Promise<boolean> {
  do {
    const step = await cursor.rest.next();
    if (step.done === true) return false;
    cursor.block = step.value;
  } while (cursor.block.length === 0);
  cursor.next = 0;
  return true;
}

function itemOf<T>(cursor: Cursor<T>): T {
  return cursor.block[cursor.next] as T;
}

function sink<T>(heap: T[], from: number, isBefore: (a: T, b: T) => boolean): void {
  for (let i = from; ;) {
    let first = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      if (child < heap.length && isBefore(heap[child] as T, heap[first] as T)) first = child;
    }
    if (first === i) return;
    [heap[i], heap[first]] = [heap[first] as T, heap[i] as T];
    i = first;
  }
}
