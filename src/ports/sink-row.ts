import type { DeadLetterRow, TagTransitionRow, TriggerEventRow } from './analytics.ts';

/** What one message of the topics that the sink reads says: a row, and the table that it belongs to. */
export type SinkRow =
  | { readonly table: 'tag_transitions'; readonly row: TagTransitionRow }
  | { readonly table: 'trigger_events'; readonly row: TriggerEventRow }
  | { readonly table: 'dead_letters'; readonly row: DeadLetterRow };

/** The same for the same row, however often and wherever it was told. */
export function rowIdentity(told: SinkRow): string {
  if (told.table === 'tag_transitions') return told.row.transition_id;
  if (told.table === 'trigger_events') return told.row.trigger_id;
  return `${told.row.source}:${told.row.offset}`;
}
