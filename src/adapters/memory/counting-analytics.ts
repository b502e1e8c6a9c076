import type { AnalyticsRows, AnalyticsTable, AnalyticsWriter } from '../../ports/analytics.ts';

/** Keeps no row, only how many there were: for runs whose summary is all that is wanted. */
export class CountingAnalytics implements AnalyticsWriter {
  readonly counts: Partial<Record<AnalyticsTable, number>> = {};

  write(_token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    for (const [table, written] of Object.entries(rows) as [AnalyticsTable, readonly unknown[]][]) {
      this.counts[table] = (this.counts[table] ?? 0) + written.length;
    }
    return Promise.resolve();
  }
}
