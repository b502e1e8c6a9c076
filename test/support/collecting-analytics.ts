import type { AnalyticsRows, AnalyticsWriter } from '../../src/ports/analytics.ts';

/**
 * Keeps every row it is given, in order, whatever the token: what was told at least once is here as often. Profiles of
 * ids that were merged are left out, as the view does.
 */
export class CollectingAnalytics implements AnalyticsWriter {
  readonly rows: { [Table in keyof AnalyticsRows]: AnalyticsRows[Table][number][] } = {
    tag_transitions: [],
    current_tags: [],
    person_profiles: [],
    churn_scores: [],
    trigger_events: [],
    dead_letters: [],
    drift: [],
  };
  readonly tokens: string[] = [];

  write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    this.tokens.push(token);
    this.rows.tag_transitions.push(...(rows.tag_transitions ?? []));
    this.rows.current_tags.push(...(rows.current_tags ?? []));
    this.rows.person_profiles.push(...(rows.person_profiles ?? []).filter((row) => row.merged_into === ''));
    this.rows.churn_scores.push(...(rows.churn_scores ?? []));
    this.rows.trigger_events.push(...(rows.trigger_events ?? []));
    this.rows.dead_letters.push(...(rows.dead_letters ?? []));
    this.rows.drift.push(...(rows.drift ?? []));
    return Promise.resolve();
  }
}
