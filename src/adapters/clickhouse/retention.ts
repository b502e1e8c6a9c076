import { TidemarkError } from '../../errors.ts';

/** The instant by which rows of a table grow old; every other table has one row per person, or none of its own. */
const AGES_BY = {
  tag_transitions: 'effective_at',
  trigger_events: 'fired_at',
  dead_letters: 'received_at',
  drift: 'measured_at',
  churn_scores: 'scored_at',
} as const;

export type AgeingTable = keyof typeof AGES_BY;

/**
 * Days that rows are kept, counted from the instant they speak of; null keeps them for ever. A table that is not
 * named stays as it is. `segment_sizes` and the causes of `drift` are reckoned from `tag_transitions`: they hold
 * only for as far back as every transition is kept.
 */
export type RetentionDays = Readonly<Partial<Record<AgeingTable, number | null>>>;

const MAX_DAYS = 36_500;

/**
 * The ALTER statements that bring tables to the retention asked for, none where it is in force already: changing it
 * makes ClickHouse look at every stored row once. `engineOf` gives a table's `engine_full` of system.tables. Throws
 * `CONFIG_INVALID` for what is not a whole number of days from 1 to 36,500.
 */
export function retentionStatements(
  days: RetentionDays,
  engineOf: (table: string) => string | undefined,
): string[] {
  return (Object.keys(AGES_BY) as AgeingTable[]).flatMap((table) => {
    const wanted = days[table];
    if (wanted === undefined) return [];
    if (wanted !== null) refuseDays(table, wanted);
    const engine = engineOf(`${table}_rows`) ?? '';
    const inForce = /\sTTL (.*?)(?: SETTINGS |$)/s.exec(engine)?.[1]?.trim();
    if (wanted === null) return inForce === undefined ? [] : [`ALTER TABLE ${table}_rows REMOVE TTL`];
    const expiry = `toDateTime(${AGES_BY[table]}) + toIntervalDay(${wanted})`;
    return inForce === expiry ? [] : [`ALTER TABLE ${table}_rows MODIFY TTL ${expiry}`];
  });
}

function refuseDays(table: AgeingTable, days: number): void {
  if (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS) return;
  throw new TidemarkError(
    'CONFIG_INVALID',
    `${table} cannot be kept for ${days} days`,
    `Give a whole number from 1 to ${MAX_DAYS}, or leave it out to keep the rows for ever.`,
  );
}
