import { readFile } from 'node:fs/promises';
import type { AnalyticsReader } from '../../ports/analytics.ts';

/** How restless the tags of a dimension are. */
export interface DimensionFlaps {
  readonly dimension: string;
  /** Changes from one tag to another. */
  readonly changes: number;
  /** Of these, how many were undone within 30 days. */
  readonly reverted: number;
  readonly rate: number;
}

const QUERY = new URL('../../../schemas/clickhouse/queries/flap-rate.sql', import.meta.url);

/** By the ready query that analysts use; dimensions without changes are left out. */
export async function readFlapRates(reader: AnalyticsReader): Promise<readonly DimensionFlaps[]> {
  const rows = await reader.query((await readFile(QUERY, 'utf8')).replace(/;\s*$/, ''));
  return rows.map((row) => ({
    dimension: String(row['dimension']),
    changes: Number(row['changes']),
    reverted: Number(row['reverted']),
    rate: Number(row['flap_rate']),
  }));
}
