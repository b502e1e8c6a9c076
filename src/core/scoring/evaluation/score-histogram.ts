import type { ScoreGroups } from './score-groups.ts';

/** Rows with from ≤ score < to; the last bin also holds its `to`. */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly positives: number;
}

/**
 * Bins of equal width over [from, to], which default to the least and the highest score; what lies outside counts
 * in the bin at the edge. Empty for nobody. Where all scores are the same, one bin.
 */
export function scoreHistogram(
  groups: ScoreGroups,
  bins: number,
  from = groups.scores[0] ?? 0,
  to = groups.scores.at(-1) ?? 0,
): HistogramBin[] {
  if (groups.totalRows === 0) return [];
  const count = from < to ? bins : 1;
  const rows = new Float64Array(count);
  const positives = new Float64Array(count);
  const edge = (bin: number): number => (bin === count ? to : from + ((to - from) * bin) / count);
  for (let i = 0; i < groups.scores.length; i++) {
    const score = groups.scores[i] ?? NaN;
    const near = from < to ? Math.floor(((score - from) / (to - from)) * count) : 0;
    let bin = Math.min(count - 1, Math.max(0, near));
    // The division may round across an edge, which is what the bins are labelled with; where the scores lie so close
    // that edges coincide, across several.
    while (bin > 0 && score < edge(bin)) bin--;
    while (bin < count - 1 && score >= edge(bin + 1)) bin++;
    rows[bin] = (rows[bin] ?? 0) + (groups.rows[i] ?? 0);
    positives[bin] = (positives[bin] ?? 0) + (groups.positives[i] ?? 0);
  }
  return Array.from({ length: count }, (_, bin) => ({
    from: edge(bin),
    to: edge(bin + 1),
    rows: rows[bin] ?? 0,
    positives: positives[bin] ?? 0,
  }));
}
