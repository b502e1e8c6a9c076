import type {
  ChurnScoreRow,
  CurrentTagRow,
  DeadLetterRow,
  MeasuredDriftRow,
  PersonProfileRow,
  TagTransitionRow,
  TriggerEventRow,
} from '../../src/ports/analytics.ts';

const NOON = Date.UTC(2025, 2, 1, 12);

export function aTransition(changes: Partial<TagTransitionRow> = {}): TagTransitionRow {
  return {
    transition_id: 'transition-1',
    person_id: 'ann',
    dimension: 'buyer_class',
    from_tag: 'none',
    to_tag: 'active_buyer',
    cause: 'event',
    cause_ref: 'message-1',
    effective_at: NOON,
    decided_at: NOON + 7,
    next_change_at: NOON + 90 * 86_400_000,
    reasons: '[{"feature":"orders_90d","value":3,"threshold":1,"words":"3 orders in 90 days"}]',
    policy_version: 'marketplace@1',
    model_version: '',
    ...changes,
  };
}

export function aCurrentTag(changes: Partial<CurrentTagRow> = {}): CurrentTagRow {
  return {
    person_id: 'ann',
    dimension: 'buyer_class',
    tag: 'active_buyer',
    since: NOON,
    next_change_at: NOON + 90 * 86_400_000,
    updated_at: NOON,
    ...changes,
  };
}

export function aProfile(changes: Partial<PersonProfileRow> = {}): PersonProfileRow {
  return {
    person_id: 'ann',
    first_order_at: NOON - 86_400_000,
    last_order_at: NOON,
    orders_30d: 2,
    orders_90d: 3,
    orders_365d: 3,
    orders_total: 4,
    value_30d: 11.77,
    value_90d: 250,
    value_365d: 250.5,
    value_total: 999.99,
    r: 5,
    f: 3,
    m: 1,
    first_sale_at: null,
    last_sale_at: null,
    sales_30d: 0,
    sales_90d: 0,
    sales_365d: 0,
    sales_total: 0,
    sales_value_30d: 0,
    sales_value_90d: 0,
    sales_value_365d: 0,
    sales_value_total: 0,
    seller_r: 0,
    seller_f: 0,
    seller_m: 0,
    listings_90d: 1,
    listings_total: 2,
    churn_30d: 0.125,
    churn_90d: null,
    value_segment: 'ordinary',
    merged_into: '',
    updated_at: NOON,
    ...changes,
  };
}

export function aChurnScore(changes: Partial<ChurnScoreRow> = {}): ChurnScoreRow {
  return {
    person_id: 'ann',
    scored_at: NOON,
    churn_30d: 0.75,
    churn_90d: 0.5,
    model_version: 'churn@2025-06-01-0a1b2c3d',
    reasons: '[{"family":"visits","share":0.6,"logitChange":0.8,"words":"3 item views in the last 30 days"}]',
    ...changes,
  };
}

export function aTrigger(changes: Partial<TriggerEventRow> = {}): TriggerEventRow {
  return {
    trigger_id: 'trigger-1',
    person_id: 'ann',
    trigger: 'welcome-back',
    transition_id: 'transition-1',
    dimension: 'buyer_class',
    tag: 'dormant_buyer',
    fired_at: NOON,
    muted: false,
    event: '{"specversion":"1.0","id":"trigger-1"}',
    policy_version: 'marketplace@1',
    ...changes,
  };
}

export function aDeadLetter(changes: Partial<DeadLetterRow> = {}): DeadLetterRow {
  return {
    source: 'segment:orders.ndjson',
    offset: 11,
    place: 'orders.ndjson:12',
    reason: 'negative_amount',
    detail: 'properties.total is -5',
    raw: '{"event":"Order Completed","properties":{"total":-5}}',
    received_at: NOON,
    ...changes,
  };
}

export function aDrift(changes: Partial<MeasuredDriftRow> = {}): MeasuredDriftRow {
  return {
    reference: '2025-02-01T00:00:00.000Z',
    measured_at: NOON,
    kind: 'feature',
    name: 'orders_90d',
    stratum: 'like tenure',
    n_reference: 1200,
    n_current: 1150,
    psi: 0.125,
    js: 0.0625,
    ks: 0.25,
    p_value: 1e-9,
    drift_p_value: 1e-12,
    limit: 0.05,
    alarm: true,
    tenure_part: null,
    expected: null,
    observed: null,
    observed_low: null,
    observed_high: null,
    causes: {},
    ...changes,
  };
}
