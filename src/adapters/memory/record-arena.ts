const PAGE_BYTES = 1 << 22;
const UNIT_BYTES = 8;
/** Records longer than this live outside the pages. */
const LARGEST_UNITS = 512;

/**
 * Byte records of any length in a few large pages, addressed by a number: millions of small records without an
 * object each. Freed room is reused for records of the same size class (multiples of 8 bytes).
 */
export class RecordArena {
  private readonly pages: Uint8Array[] = [];
  private used = PAGE_BYTES;
  private readonly free: number[][] = [];
  private readonly large = new Map<number, Uint8Array>();
  private nextLarge = -1;

  /** Room for a record, to be filled through {@link RecordArena.view}; negative addresses are large records. */
  reserve(length: number): number {
    const units = unitsOf(length);
    if (units <= LARGEST_UNITS) return this.free[units]?.pop() ?? this.carve(units);
    const address = this.nextLarge--;
    this.large.set(address, new Uint8Array(length));
    return address;
  }

  /** Room for a record in the place of another, whose bytes are lost; the address changes when the size class does. */
  resize(address: number, oldLength: number, length: number): number {
    const units = unitsOf(length);
    if (address >= 0 && units <= LARGEST_UNITS && units === unitsOf(oldLength)) return address;
    this.remove(address, oldLength);
    return this.reserve(length);
  }

  remove(address: number, length: number): void {
    if (address < 0) {
      this.large.delete(address);
      return;
    }
    (this.free[unitsOf(length)] ??= []).push(address);
  }

  /** A view that the next change of the arena may overwrite. */
  view(address: number, length: number): Uint8Array {
    if (address < 0) return (this.large.get(address) ?? new Uint8Array(0)).subarray(0, length);
    const start = address * UNIT_BYTES;
    const page = this.pages[Math.floor(start / PAGE_BYTES)];
    const from = start % PAGE_BYTES;
    return (page ?? new Uint8Array(0)).subarray(from, from + length);
  }

  get bytes(): number {
    let large = 0;
    for (const record of this.large.values()) large += record.length;
    return this.pages.length * PAGE_BYTES + large;
  }

  private carve(units: number): number {
    if (this.used + units * UNIT_BYTES > PAGE_BYTES) {
      this.pages.push(new Uint8Array(PAGE_BYTES));
      this.used = 0;
    }
    const address = ((this.pages.length - 1) * PAGE_BYTES + this.used) / UNIT_BYTES;
    this.used += units * UNIT_BYTES;
    return address;
  }
}

function unitsOf(length: number): number {
  return Math.max(1, Math.ceil(length / UNIT_BYTES));
}
