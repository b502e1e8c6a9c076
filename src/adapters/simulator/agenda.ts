const NOBODY = -1;
const LAP = 4096;

/**
 * At most one appointment for each of `size` numbered holders: a hashed timing wheel (Varghese & Lauck 1987)
 * whose lists run through typed arrays, 12 bytes a holder. Making, moving and cancelling an appointment and
 * finding the due ones cost O(1) each, beside one look per holder and lap (4,096 slices).
 */
export class Agenda {
  private readonly head = new Int32Array(LAP).fill(NOBODY);
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly slice: Int32Array;
  private readonly due: number[] = [];

  constructor(size: number) {
    this.next = new Int32Array(size).fill(NOBODY);
    this.previous = new Int32Array(size).fill(NOBODY);
    this.slice = new Int32Array(size).fill(NOBODY);
  }

  /** Replaces the holder's appointment, if any. */
  schedule(holder: number, slice: number): void {
    this.cancel(holder);
    this.slice[holder] = slice;
    this.link(holder, slice % LAP);
  }

  cancel(holder: number): void {
    const slice = this.slice[holder] ?? NOBODY;
    if (slice === NOBODY) return;
    const next = this.next[holder] ?? NOBODY;
    const previous = this.previous[holder] ?? NOBODY;
    if (next !== NOBODY) this.previous[next] = previous;
    if (previous !== NOBODY) this.next[previous] = next;
    else this.head[slice % LAP] = next;
    this.slice[holder] = NOBODY;
  }

  /**
   * Ends the appointments of `slice` and returns their holders, in an order that depends only on the calls
   * made before. Slices must be taken in ascending order without gaps; the array is reused by the next call.
   */
  takeDue(slice: number): readonly number[] {
    const bucket = slice % LAP;
    this.due.length = 0;
    for (let holder = this.head[bucket] ?? NOBODY; holder !== NOBODY;) {
      const next = this.next[holder] ?? NOBODY;
      if (this.slice[holder] === slice) {
        this.due.push(holder);
        this.cancel(holder);
      }
      holder = next;
    }
    return this.due;
  }

  private link(holder: number, bucket: number): void {
    const first = this.head[bucket] ?? NOBODY;
    this.next[holder] = first;
    this.previous[holder] = NOBODY;
    if (first !== NOBODY) this.previous[first] = holder;
    this.head[bucket] = holder;
  }
}
