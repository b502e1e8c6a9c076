import type { DriftRow } from '../core/scoring/drift/drift-row.ts';

/** Where rows for analysts go: ClickHouse, embedded or on a server. */

export interface TagTransitionRow {
  readonly transition_id: string;
  readonly person_id: string;
  readonly dimension: string;
  /** `none` when the person held no tag of the dimension. */
  readonly from_tag: string;
  readonly to_tag: string;
  readonly cause: string;
  /** What exactly caused it: a messageId for events, a version for edits; empty for time. */
  readonly cause_ref: string;
  /** Epoch milliseconds, as all `_at` columns. */
  readonly effective_at: number;
  readonly decided_at: number;
  /** null: time alone never changes it. */
  readonly next_change_at: number | null;
  /** JSON array of `{feature, value, threshold, words}`, then of a model's `{family, share, logitChange, words}`. */
  readonly reasons: string;
  readonly policy_version: string;
  readonly model_version: string;
}

export interface CurrentTagRow {
  readonly person_id: string;
  readonly dimension: string;
  readonly tag: string;
  readonly since: number;
  readonly next_change_at: number | null;
  /** The instant the row speaks of; a later row of the same person and dimension replaces an earlier one. */
  readonly updated_at: number;
}

/** Features of one person at `updated_at`; money in major units of the reporting currency, net of refunds. */
export interface PersonProfileRow {
  readonly person_id: string;
  readonly first_order_at: number | null;
  readonly last_order_at: number | null;
  readonly orders_30d: number;
  readonly orders_90d: number;
  readonly orders_365d: number;
  readonly orders_total: number;
  readonly value_30d: number;
  readonly value_90d: number;
  readonly value_365d: number;
  readonly value_total: number;
  /** 1–5; 0 while there is no basis for a score. */
  readonly r: number;
  readonly f: number;
  readonly m: number;
  readonly first_sale_at: number | null;
  readonly last_sale_at: number | null;
  readonly sales_30d: number;
  readonly sales_90d: number;
  readonly sales_365d: number;
  readonly sales_total: number;
  readonly sales_value_30d: number;
  readonly sales_value_90d: number;
  readonly sales_value_365d: number;
  readonly sales_value_total: number;
  readonly seller_r: number;
  readonly seller_f: number;
  readonly seller_m: number;
  readonly listings_90d: number;
  readonly listings_total: number;
  readonly churn_30d: number | null;
  readonly churn_90d: number | null;
  readonly value_segment: string;
  /** The person this id was merged into; empty for everyone who is. */
  readonly merged_into: string;
  readonly updated_at: number;
}

export interface ChurnScoreRow {
  readonly person_id: string;
  readonly scored_at: number;
  /** Probabilities of no order. */
  readonly churn_30d: number;
  readonly churn_90d: number;
  readonly model_version: string;
  /** JSON array of `{family, share, logitChange, words}`; the change is of the network's own logit, before calibration. */
  readonly reasons: string;
}

export interface TriggerEventRow {
  readonly trigger_id: string;
  readonly person_id: string;
  /** Name of the trigger in the policy. */
  readonly trigger: string;
  readonly transition_id: string;
  readonly dimension: string;
  readonly tag: string;
  readonly fired_at: number;
  /** Muted: decided and recorded, not sent (backfill). */
  readonly muted: boolean;
  /** The CloudEvent as JSON. */
  readonly event: string;
  readonly policy_version: string;
}

export interface DeadLetterRow {
  readonly source: string;
  readonly offset: number;
  readonly place: string;
  readonly reason: string;
  readonly detail: string;
  readonly raw: string;
  readonly received_at: number;
}

/** One row per reference, kind, name, stratum and `measured_at`. */
export interface MeasuredDriftRow extends DriftRow {
  /** A model's version, or the instant that was frozen as ISO 8601; of `segment_size` that of the sizes before. */
  readonly reference: string;
}

export interface AnalyticsRows {
  readonly tag_transitions: readonly TagTransitionRow[];
  readonly current_tags: readonly CurrentTagRow[];
  readonly person_profiles: readonly PersonProfileRow[];
  readonly churn_scores: readonly ChurnScoreRow[];
  readonly trigger_events: readonly TriggerEventRow[];
  readonly dead_letters: readonly DeadLetterRow[];
  readonly drift: readonly MeasuredDriftRow[];
}

export type AnalyticsTable = keyof AnalyticsRows;

/**
 * Takes rows effectively once. `token` names the batch: writing the same token with the same rows again, in
 * this process or a later one, changes nothing, and every table has a row identity besides, so that even
 * the same row under two tokens counts once in the views analysts query.
 * Resolves when the rows are stored; rejects with `TidemarkError` `DATABASE_WRITE` when they are not (nothing
 * or all of a table's part of the batch is stored; calling again with the same token is the mend).
 */
export interface AnalyticsWriter {
  write(token: string, rows: Partial<AnalyticsRows>): Promise<void>;
}

/** SQL for people and tests; reads only what was written before the call. */
export interface AnalyticsReader {
  query(sql: string, parameters?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>;
}
