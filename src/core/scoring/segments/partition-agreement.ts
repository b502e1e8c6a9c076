/** How often each pair of labels meets: rows the clusters of `a`, columns those of `b`. Labels are 0, 1, 2 … */
export function contingency(a: Int32Array, b: Int32Array): readonly (readonly number[])[] {
  if (a.length !== b.length) throw new Error(`labels of ${a.length} and of ${b.length} people`);
  const columns = b.reduce((most, label) => Math.max(most, label + 1), 0);
  const rows = a.reduce((most, label) => Math.max(most, label + 1), 0);
  const table = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  for (let i = 0; i < a.length; i++) {
    const row = table[a[i] ?? -1];
    const column = b[i] ?? -1;
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  return table;
}

/**
 * Adjusted Rand index (Hubert and Arabie 1985): 1 when two labellings draw the same borders, whatever they call
 * the clusters, 0 on average for labellings by chance, and below for worse. 1 too when both put everybody, or
 * nobody, together, since then they agree and chance has no say.
 */
export function adjustedRandIndex(a: Int32Array, b: Int32Array): number {
  const table = contingency(a, b);
  const together = sum(table.flat().map(pairs));
  const inA = sum(table.map((row) => pairs(sum(row))));
  const inB = sum((table[0] ?? []).map((_, column) => pairs(sum(table.map((row) => row[column] ?? 0)))));
  const all = pairs(a.length);
  const byChance = all === 0 ? 0 : (inA * inB) / all;
  const most = (inA + inB) / 2;
  return most === byChance ? 1 : (together - byChance) / (most - byChance);
}

/**
 * For each cluster of `a`, how much of it some cluster of `b` is: the largest Jaccard index (common people over
 * people in either), 0 to 1. A cluster without people has 0.
 */
export function bestJaccards(a: Int32Array, b: Int32Array): number[] {
  const table = contingency(a, b);
  const columns = (table[0] ?? []).map((_, column) => sum(table.map((row) => row[column] ?? 0)));
  return table.map((row) => {
    const size = sum(row);
    return row.reduce((best, common, column) => {
      const either = size + (columns[column] ?? 0) - common;
      return either === 0 ? best : Math.max(best, common / either);
    }, 0);
  });
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
