import type { Points } from './nearest-centroid.ts';

/**
 * An input that hardly differs between people must not decide where they belong: smaller deviations than this are
 * not stretched to one. In units of log1p, where .1 is a tenth more or less.
 */
export const LEAST_DEVIATION = 0.1;

/** Puts inputs on one footing. Fitted once, and frozen from refit to refit, so that distances keep their meaning. */
export interface Scaler {
  /** Of the model it was fitted with. */
  readonly version: string;
  readonly means: readonly number[];
  /** Population standard deviations, none below {@link LEAST_DEVIATION} or what was asked for. */
  readonly deviations: readonly number[];
}

/**
 * Mean and deviation of each column over the rows that have a number there; mean 0 where none has. `least`: of each
 * column, the deviation below which none is taken.
 */
export function fitScaler(rows: Points, version: string, least: readonly number[] = []): Scaler {
  const columns = (rows[0] ?? []).map((_, column) =>
    rows.map((row) => row[column] ?? NaN).filter((value) => !Number.isNaN(value)),
  );
  const means = columns.map(meanOf);
  const deviations = columns.map((values, column) => {
    const mean = means[column] ?? 0;
    const deviation = Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
    return Math.max(least[column] ?? LEAST_DEVIATION, deviation);
  });
  return { version, means, deviations };
}

/** Deviations from the mean, in standard deviations; 0, the mean itself, for NaN. */
export function scaled(row: readonly number[], { means, deviations }: Scaler): number[] {
  return row.map((value, column) =>
    Number.isNaN(value) ? 0 : (value - (means[column] ?? NaN)) / (deviations[column] ?? NaN),
  );
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
