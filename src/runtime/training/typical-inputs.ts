import { SNAPSHOTS, type ChurnHistory } from './churn-history.ts';
import { labelledRows } from './labelled-rows.ts';

const ACTIVE_DAYS = 90;

/**
 * The median person, input by input, of those with an order in the 90 days before the latest snapshot that was learnt
 * from: what a reason compares somebody with. Of the cut-off where nothing was learnt, of everybody where nobody was
 * active.
 */
export function typicalInputs(history: ChurnHistory): Float32Array {
  const isActive = (row: number): boolean => {
    const recencyDays = history.rows.measures[row]?.recencyDays ?? NaN;
    return recencyDays < ACTIVE_DAYS;
  };
  for (let age = 1; age <= SNAPSHOTS; age++) {
    const active = labelledRows(history, 30, [age]).filter(isActive);
    if (active.length > 0) return mediansOf(history, active);
  }
  const present = history.rowsAt(0);
  const active = present.filter(isActive);
  return mediansOf(history, active.length > 0 ? active : present);
}

/** Of an even number of rows the mean of the two in the middle; 0 of none. */
function mediansOf({ rows }: ChurnHistory, picked: readonly number[]): Float32Array {
  const inputs = rows.inputsOf(picked);
  const column = new Float32Array(picked.length);
  return Float32Array.from({ length: rows.width }, (_, input) => {
    for (let i = 0; i < picked.length; i++) column[i] = inputs[i * rows.width + input] ?? NaN;
    column.sort();
    const [low, high] = [Math.floor((picked.length - 1) / 2), Math.floor(picked.length / 2)];
    return ((column[low] ?? 0) + (column[high] ?? 0)) / 2;
  });
}
