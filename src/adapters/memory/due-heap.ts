import { NEVER, instant, type Instant } from '../../core/time.ts';

/**
 * Who is due when: a binary heap over dense person numbers with a back index, 16 bytes a person. `set` costs
 * O(log n). Equal instants come out by person number.
 */
export class DueHeap {
  private size = 0;
  private heap = new Int32Array(1024);
  /** Position in the heap by person number; −1 for not in it. */
  private position = new Int32Array(1024).fill(-1);
  private at = new Float64Array(1024).fill(NEVER);

  set(person: number, dueAt: Instant): void {
    this.reserve(person + 1);
    this.at[person] = dueAt;
    const position = this.position[person] ?? -1;
    if (dueAt === NEVER) {
      if (position >= 0) this.removeAt(position);
      return;
    }
    if (position < 0) {
      this.place(this.size, person);
      this.size += 1;
      this.up(this.size - 1);
      return;
    }
    this.up(position);
    this.down(this.position[person] ?? 0);
  }

  dueOf(person: number): Instant {
    return instant(this.at[person] ?? NEVER);
  }

  /** The first `limit` due by `until`, in order, without removing them. Costs O(k²) for k given: meant for a few hundred. */
  first(until: Instant, limit: number): number[] {
    const found: number[] = [];
    const frontier: number[] = this.size > 0 ? [0] : [];
    while (frontier.length > 0 && found.length < limit) {
      let best = 0;
      for (let i = 1; i < frontier.length; i++)
        if (this.before(frontier[i] ?? 0, frontier[best] ?? 0)) best = i;
      const position = frontier[best] ?? 0;
      const person = this.heap[position] ?? 0;
      if ((this.at[person] ?? NEVER) > until) break;
      found.push(person);
      frontier[best] = frontier.at(-1) ?? 0;
      frontier.pop();
      for (const child of [2 * position + 1, 2 * position + 2]) if (child < this.size) frontier.push(child);
    }
    return found;
  }

  private reserve(people: number): void {
    const length = this.position.length;
    if (people <= length) return;
    const longer = Math.max(people, Math.ceil(length * 1.5));
    this.heap = grown(this.heap, new Int32Array(longer));
    this.position = grown(this.position, new Int32Array(longer).fill(-1));
    this.at = grown(this.at, new Float64Array(longer).fill(NEVER));
  }

  private removeAt(position: number): void {
    const person = this.heap[position] ?? 0;
    this.size -= 1;
    const last = this.heap[this.size] ?? 0;
    this.position[person] = -1;
    if (last === person) return;
    this.place(position, last);
    this.up(position);
    this.down(this.position[last] ?? 0);
  }

  private place(position: number, person: number): void {
    this.heap[position] = person;
    this.position[person] = position;
  }

  private before(a: number, b: number): boolean {
    const personA = this.heap[a] ?? 0;
    const personB = this.heap[b] ?? 0;
    const atA = this.at[personA] ?? NEVER;
    const atB = this.at[personB] ?? NEVER;
    return atA === atB ? personA < personB : atA < atB;
  }

  private swap(a: number, b: number): void {
    const personA = this.heap[a] ?? 0;
    this.place(a, this.heap[b] ?? 0);
    this.place(b, personA);
  }

  private up(position: number): void {
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.before(position, parent)) return;
      this.swap(position, parent);
      position = parent;
    }
  }

  private down(position: number): void {
    for (;;) {
      let least = position;
      for (const child of [2 * position + 1, 2 * position + 2]) {
        if (child < this.size && this.before(child, least)) least = child;
      }
      if (least === position) return;
      this.swap(position, least);
      position = least;
    }
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
