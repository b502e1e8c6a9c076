import { queryRows } from './run-command.ts';

/** All that analysts see in a database folder, in a fixed order. */
export async function everythingIn(db: string): Promise<unknown[]> {
  const tables = ['tag_transitions', 'current_tags', 'person_profiles', 'trigger_events', 'dead_letters'];
  const rows: unknown[] = [];
  for (const table of tables) rows.push(await queryRows(db, `SELECT * FROM ${table} ORDER BY ALL`));
  return rows;
}
