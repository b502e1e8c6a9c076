/** Quantiles of durations in milliseconds, by rank. */
export function latencies(millis: readonly number[]) {
  const sorted = Float64Array.from(millis).sort();
  const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: at(1) };
}
