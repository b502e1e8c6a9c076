const CHUNK = 1024;
const TWO_POW_31 = 0x80000000;
const TWO_POW_32 = 0x100000000;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * Writes packed records: unsigned varints (LEB128, up to 2^53), zigzag varints for signed numbers, UTF-8
 * strings with a length. Many records share one buffer: `mark`, write, `since(mark)`; what was handed out stays
 * as it is until `reset`, and for ever after `leave`.
 */
export class ByteWriter {
  private buffer = new Uint8Array(CHUNK);
  private length = 0;

  reset(): void {
    this.length = 0;
  }

  /** Goes on in memory of its own. */
  leave(): void {
    this.buffer = new Uint8Array(CHUNK);
    this.length = 0;
  }

  /** Bytes of the memory that what was handed out may lie in: it grows by doubling. */
  get heldBytes(): number {
    return 2 * this.buffer.length;
  }

  mark(): number {
    return this.length;
  }

  /** A view, not a copy. */
  since(mark: number): Uint8Array {
    return this.buffer.subarray(mark, this.length);
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = value;
  }

  /** @param value an integer, 0 ≤ value ≤ 2^53 */
  unsigned(value: number): void {
    if (this.length + 8 > this.buffer.length) this.grow(8);
    const { buffer } = this;
    let { length } = this;
    for (; value >= TWO_POW_31; value = Math.floor(value / 128)) buffer[length++] = (value % 128) | 0x80;
    for (; value >= 0x80; value >>>= 7) buffer[length++] = (value & 0x7f) | 0x80;
    buffer[length++] = value;
    this.length = length;
  }

  /** @param value an integer, |value| ≤ 2^52 */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  fixed48(value: number): void {
    if (this.length + 6 > this.buffer.length) this.grow(6);
    const low = value >>> 0;
    const high = (value - low) / TWO_POW_32;
    const { buffer, length } = this;
    buffer[length] = low;
    buffer[length + 1] = low >>> 8;
    buffer[length + 2] = low >>> 16;
    buffer[length + 3] = low >>> 24;
    buffer[length + 4] = high;
    buffer[length + 5] = high >>> 8;
    this.length = length + 6;
  }

  string(text: string): void {
    const encoded = ENCODER.encode(text);
    this.unsigned(encoded.length);
    this.raw(encoded);
  }

  raw(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) this.grow(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private grow(by: number): void {
    const bigger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by + CHUNK));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }
}

/** Reads what {@link ByteWriter} wrote. Reading past the end throws `RangeError`: the record is corrupt. */
export class ByteReader {
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new RangeError(`record ends at byte ${this.bytes.length}`);
    return value;
  }

  unsigned(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    let scale = 128;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 128;
      if (scale > Number.MAX_SAFE_INTEGER) throw new RangeError('varint longer than 2^53');
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  fixed48(): number {
    const low = this.byte() + this.byte() * 0x100 + this.byte() * 0x10000 + this.byte() * 0x1000000;
    return low + (this.byte() + this.byte() * 0x100) * TWO_POW_32;
  }

  string(): string {
    const length = this.unsigned();
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError(`record ends at byte ${this.bytes.length}`);
    const text = DECODER.decode(this.bytes.subarray(this.at, end));
    this.at = end;
    return text;
  }
}
