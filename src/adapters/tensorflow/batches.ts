import type { SeededRandom } from '../../core/seeded-random.ts';
import type { TrainingRows } from '../../ports/churn-network.ts';
import { UNITS } from './network-layout.ts';
import type { WriteStandardised } from './standardise.ts';

/** Rows made ready for the network. The arrays are overwritten by the next batch. */
export interface Batch {
  readonly rows: number;
  readonly z: Float32Array;
  /** 0 where there is no label, which `known` leaves out of the loss. */
  readonly labels: Float32Array;
  /** 1 where there is a label, else 0. */
  readonly known: Float32Array;
}

/** The batch of the rows `order[from]` to `order[to − 1]`. */
export type FillBatch = (order: Uint32Array, from: number, to: number) => Batch;

/** One set of arrays, for batches of at most `mostRows`. */
export function batchFiller(
  { width, inputs, labels }: TrainingRows,
  standardise: WriteStandardised,
  mostRows: number,
): FillBatch {
  const z = new Float32Array(mostRows * width);
  const targets = new Float32Array(mostRows * UNITS.heads);
  const known = new Float32Array(mostRows * UNITS.heads);
  return (order, from, to) => {
    const rows = to - from;
    for (let row = 0; row < rows; row++) {
      const source = order[from + row] ?? 0;
      standardise(inputs, source, z, row);
      for (let head = 0; head < UNITS.heads; head++) {
        const label = labels[source * UNITS.heads + head] ?? NaN;
        const at = row * UNITS.heads + head;
        known[at] = Number.isNaN(label) ? 0 : 1;
        targets[at] = Number.isNaN(label) ? 0 : label;
      }
    }
    return {
      rows,
      z: z.subarray(0, rows * width),
      labels: targets.subarray(0, rows * UNITS.heads),
      known: known.subarray(0, rows * UNITS.heads),
    };
  };
}

/** Cuts `rows` into as few batches of at most `mostRows` as there can be, of sizes that differ by one at most. */
export function batchEdges(rows: number, mostRows: number): readonly number[] {
  const batches = Math.ceil(rows / mostRows);
  return Array.from({ length: batches + 1 }, (_, batch) => Math.floor((batch * rows) / batches));
}

export function inOrder(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** Fisher and Yates: every order is equally likely. */
export function shuffle(order: Uint32Array, random: SeededRandom): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const row = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = row;
  }
}
