import type { Points } from './nearest-centroid.ts';

/**
 * An input that hardly differs between people must not decide where they belong: below this, differences are not
 * stretched any further. In units of log1p, where .1 is a tenth more or less.
 */
export const LEAST_DEVIATION = 0.1;

/** Puts inputs on one footing. Fitted once, and frozen from refit to refit, so that distances keep their meaning. */
export interface Scaler {
  readonly means: readonly number[];
  /** Population standard deviations, none below {@link LEAST_DEVIATION}. */
  readonly deviations: readonly number[];
}

/** Mean and deviation of each column, in two passes over rows of finite numbers. There must be a row. */
export function fitScaler(rows: Points): Scaler {
  const width = rows[0]?.length ?? 0;
  const means = Array.from({ length: width }, (_, column) => meanOf(rows, (row) => row[column] ?? NaN));
  const deviations = means.map((mean, column) =>
    Math.max(LEAST_DEVIATION, Math.sqrt(meanOf(rows, (row) => ((row[column] ?? NaN) - mean) ** 2))),
  );
  return { means, deviations };
}

/** Deviations from the mean, in standard deviations. */
export function scaled(row: readonly number[], { means, deviations }: Scaler): number[] {
  return row.map((value, column) => (value - (means[column] ?? NaN)) / (deviations[column] ?? NaN));
}

function meanOf(rows: Points, value: (row: readonly number[]) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
}
