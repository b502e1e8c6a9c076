import type { AnalyticsReader } from '../../ports/analytics.ts';
import { ANALYTICS_TABLES } from './analytics-tables.ts';

/** Whether any table that results are written to holds a row. Needs the tables of `migrate`. */
export async function holdsRows(reader: AnalyticsReader): Promise<boolean> {
  for (const table of ANALYTICS_TABLES)
    if ((await reader.query(`SELECT 1 AS one FROM ${table} LIMIT 1`)).length > 0) return true;
  return false;
}
