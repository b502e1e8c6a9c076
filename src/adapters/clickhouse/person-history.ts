import type {
  AnalyticsReader,
  CurrentTagRow,
  PersonProfileRow,
  TagTransitionRow,
  TriggerEventRow,
} from '../../ports/analytics.ts';
import { COLUMNS_BY_TABLE } from './analytics-tables.ts';

/** All that the tables know of one person. Instants are epoch milliseconds again, as they were written. */
export interface PersonHistory {
  readonly profile: PersonProfileRow | undefined;
  /** One per dimension, by name of the dimension. */
  readonly tags: readonly CurrentTagRow[];
  /** Latest first. */
  readonly transitions: readonly TagTransitionRow[];
  /** Latest first. */
  readonly triggers: readonly TriggerEventRow[];
}

/**
 * Reads one person's history: four look-ups by the tables' sorting key, a few milliseconds whatever the size
 * of the tables. `undefined` when no table knows the person. `limit` bounds transitions and triggers, each.
 */
export async function readPersonHistory(
  reader: AnalyticsReader,
  personId: string,
  limit = 100,
): Promise<PersonHistory | undefined> {
  const read = (columns: readonly string[], rest: string) =>
    reader.query(`SELECT ${columns.map(selectAsWritten).join(', ')} ${rest}`, { person: personId, limit });
  const where = 'WHERE person_id = {person:String}';
  const [profiles, tags, transitions, triggers] = await Promise.all([
    read(COLUMNS_BY_TABLE.person_profiles, `FROM person_profiles AS t ${where}`),
    read(COLUMNS_BY_TABLE.current_tags, `FROM current_tags AS t ${where} ORDER BY dimension`),
    read(
      COLUMNS_BY_TABLE.tag_transitions,
      `FROM tag_transitions AS t ${where} ORDER BY t.effective_at DESC, t.decided_at DESC, dimension LIMIT {limit:UInt32}`,
    ),
    read(
      COLUMNS_BY_TABLE.trigger_events,
      `FROM trigger_events AS t ${where} ORDER BY t.fired_at DESC, trigger_id LIMIT {limit:UInt32}`,
    ),
  ]);
  if (profiles.length + tags.length + transitions.length + triggers.length === 0) return undefined;
  // The columns are selected by the very lists that the rows are written by.
  return {
    profile: profiles[0] as PersonProfileRow | undefined,
    tags: tags as unknown as CurrentTagRow[],
    transitions: transitions as unknown as TagTransitionRow[],
    triggers: triggers as unknown as TriggerEventRow[],
  };
}

function selectAsWritten(column: string): string {
  const isInstant = column.endsWith('_at') || column === 'since';
  return isInstant ? `toUnixTimestamp64Milli(t.${column}) AS ${column}` : column;
}
