import { SNAPSHOTS, type ChurnHistory, type Horizon } from './churn-history.ts';

/** Rows before the cut-off whose horizon had elapsed at it, oldest snapshot first. */
export function labelledRows(history: ChurnHistory, horizon: Horizon, ages = allAges()): number[] {
  return ages
    .toSorted((a, b) => b - a)
    .flatMap((age) => history.rowsAt(age).filter((row) => !Number.isNaN(history.label(row, horizon))));
}

function allAges(): number[] {
  return Array.from({ length: SNAPSHOTS }, (_, i) => i + 1);
}
