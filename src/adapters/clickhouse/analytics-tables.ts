import type { AnalyticsRows, AnalyticsTable } from '../../ports/analytics.ts';

type ColumnsByTable = {
  readonly [Table in AnalyticsTable]: readonly (keyof AnalyticsRows[Table][number] & string)[];
};

/**
 * The columns of every table in the order they are sent. Types, keys and comments are in schemas/clickhouse; a
 * test holds the two together. Rows go to `<table>_rows`, people read the view `<table>`.
 */
export const COLUMNS_BY_TABLE: ColumnsByTable = {
  tag_transitions: [
    'transition_id',
    'person_id',
    'dimension',
    'from_tag',
    'to_tag',
    'cause',
    'cause_ref',
    'effective_at',
    'decided_at',
    'next_change_at',
    'reasons',
    'policy_version',
    'model_version',
  ],
  current_tags: ['person_id', 'dimension', 'tag', 'since', 'next_change_at', 'updated_at'],
  person_profiles: [
    'person_id',
    'first_order_at',
    'last_order_at',
    'orders_30d',
    'orders_90d',
    'orders_365d',
    'orders_total',
    'value_30d',
    'value_90d',
    'value_365d',
    'value_total',
    'r',
    'f',
    'm',
    'first_sale_at',
    'last_sale_at',
    'sales_30d',
    'sales_90d',
    'sales_365d',
    'sales_total',
    'sales_value_30d',
    'sales_value_90d',
    'sales_value_365d',
    'sales_value_total',
    'seller_r',
    'seller_f',
    'seller_m',
    'listings_90d',
    'listings_total',
    'churn_30d',
    'churn_90d',
    'value_segment',
    'merged_into',
    'updated_at',
  ],
  trigger_events: [
    'trigger_id',
    'person_id',
    'trigger',
    'transition_id',
    'dimension',
    'tag',
    'fired_at',
    'muted',
    'event',
    'policy_version',
  ],
  dead_letters: ['source', 'offset', 'place', 'reason', 'detail', 'raw', 'received_at'],
};

export const ANALYTICS_TABLES = Object.keys(COLUMNS_BY_TABLE) as readonly AnalyticsTable[];
