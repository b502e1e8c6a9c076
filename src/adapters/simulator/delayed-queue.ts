/**
 * Things that happen later, in buckets of one slice. Holds what lies ahead and nothing else: its size is the
 * rate of `add` times the mean delay, whatever the length of the run.
 */
export class DelayedQueue<T> {
  private readonly buckets = new Map<number, T[]>();

  add(slice: number, item: T): void {
    const bucket = this.buckets.get(slice);
    if (bucket === undefined) this.buckets.set(slice, [item]);
    else bucket.push(item);
  }

  /** Removes and returns what was added for `slice`, in the order of adding. */
  take(slice: number): T[] {
    const bucket = this.buckets.get(slice);
    if (bucket === undefined) return [];
    this.buckets.delete(slice);
    return bucket;
  }
}
