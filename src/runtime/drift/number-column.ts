const FIRST_VALUES = 1024;

/** Numbers that are added one by one, as 32-bit floats. */
export class NumberColumn {
  length = 0;
  private room = new Float32Array(FIRST_VALUES);

  push(value: number): void {
    if (this.length === this.room.length) {
      const larger = new Float32Array(2 * this.length);
      larger.set(this.room);
      this.room = larger;
    }
    this.room[this.length++] = value;
  }

  /** A view of what was added so far. */
  get values(): Float32Array {
    return this.room.subarray(0, this.length);
  }
}
