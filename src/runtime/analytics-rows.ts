import { featureNamed } from '../core/features/catalogue.ts';
import type { Feature } from '../core/features/feature.ts';
import { sightOf, type Period, type Person } from '../core/person.ts';
import type { CurrentScores } from './serving/current-scores.ts';
import { dueAfresh, nextChange } from '../core/tagging/dimension-state.ts';
import { NO_TAG, type Policy } from '../core/tagging/policy.ts';
import { scoresOf } from '../core/tagging/rulebook.ts';
import type { Transition } from '../core/tagging/transition.ts';
import { NEVER, type Instant } from '../core/time.ts';
import { triggerEvent, type Trigger } from '../core/triggers/trigger.ts';
import type {
  CurrentTagRow,
  DeadLetterRow,
  PersonProfileRow,
  TagTransitionRow,
  TriggerEventRow,
} from '../ports/analytics.ts';
import type { DeadLetter } from '../ports/state-store.ts';

/** `decidedAt` is the stream's time in a replay and the wall clock's in live processing. */
export function transitionRow(transition: Transition, decidedAt: Instant, policy: Policy): TagTransitionRow {
  return {
    transition_id: transition.id,
    person_id: transition.personId,
    dimension: transition.dimension,
    from_tag: transition.from,
    to_tag: transition.to,
    cause: transition.cause,
    cause_ref: transition.causeRef,
    effective_at: transition.effectiveAt,
    decided_at: decidedAt,
    next_change_at: orNull(transition.nextChangeAt),
    reasons: JSON.stringify([...transition.reasons, ...transition.modelReasons]),
    policy_version: policy.version,
    model_version: transition.modelVersion,
  };
}

export function triggerRow(trigger: Trigger, muted: boolean, policy: Policy): TriggerEventRow {
  const { id, rule, transition, firedAt } = trigger;
  return {
    trigger_id: id,
    person_id: transition.personId,
    trigger: rule.name,
    transition_id: transition.id,
    dimension: transition.dimension,
    tag: transition.to,
    fired_at: firedAt,
    muted,
    event: JSON.stringify(triggerEvent(trigger, policy)),
    policy_version: policy.version,
  };
}

export function deadLetterRow(letter: DeadLetter): DeadLetterRow {
  const { source, offset, place, rejection, raw, receivedAt } = letter;
  return {
    source,
    offset,
    place,
    reason: rejection.reason,
    detail: rejection.detail,
    raw,
    received_at: receivedAt,
  };
}

/** Where a person stands at `now`: one row per dimension they ever held a tag of. */
export function currentTagRows(
  personId: string,
  person: Person,
  now: Instant,
  period: Period,
): CurrentTagRow[] {
  const sight = sightOf(person, now, period);
  const awaitsScores = person.windows.scores?.touched === true;
  return period.rulebook.policy.dimensions.flatMap((dimension, i) => {
    const state = person.tags[i];
    if (state === undefined || state.transitions === 0) return [];
    const seen = awaitsScores ? dueAfresh(dimension, state, sight) : state;
    return [
      {
        person_id: personId,
        dimension: dimension.name,
        tag: dimension.tags[state.tag]?.name ?? NO_TAG,
        since: state.since,
        next_change_at: orNull(nextChange(dimension, seen, sight)?.since ?? NEVER),
        updated_at: now,
      },
    ];
  });
}

/** Makes profile rows; resolves names once, so that a million people cost a million reads, not look-ups. */
export function profileRows(
  period: Period,
): (personId: string, person: Person, now: Instant, scores: CurrentScores) => PersonProfileRow {
  const scores = scoresOf(period.rulebook.policy);
  const features = Object.fromEntries(
    PROFILE_FEATURES.map((name) => {
      const feature = scores.get(name) ?? featureNamed(name);
      if (feature === undefined) throw new Error(`no feature ${name}`);
      return [name, feature];
    }),
  ) as Record<(typeof PROFILE_FEATURES)[number], Feature>;
  return (personId, { windows }, now, { churn30, churn90, valueSegment }) => {
    const { orders, sales } = windows;
    const read = (feature: Feature): number => {
      const value = feature.read(windows, now, period.environment);
      return Number.isFinite(value) ? value : 0;
    };
    return {
      person_id: personId,
      first_order_at: orNull(orders?.firstAt ?? NEVER),
      last_order_at: orNull(orders?.lastAt ?? NEVER),
      orders_30d: read(features.orders_30d),
      orders_90d: read(features.orders_90d),
      orders_365d: read(features.orders_365d),
      orders_total: read(features.orders_total),
      value_30d: read(features.value_30d),
      value_90d: read(features.value_90d),
      value_365d: read(features.value_365d),
      value_total: read(features.value_total),
      r: read(features.r),
      f: read(features.f),
      m: read(features.m),
      first_sale_at: orNull(sales?.firstAt ?? NEVER),
      last_sale_at: orNull(sales?.lastAt ?? NEVER),
      sales_30d: read(features.sales_30d),
      sales_90d: read(features.sales_90d),
      sales_365d: read(features.sales_365d),
      sales_total: read(features.sales_total),
      sales_value_30d: read(features.sales_value_30d),
      sales_value_90d: read(features.sales_value_90d),
      sales_value_365d: read(features.sales_value_365d),
      sales_value_total: read(features.sales_value_total),
      seller_r: read(features.seller_r),
      seller_f: read(features.seller_f),
      seller_m: read(features.seller_m),
      listings_90d: read(features.listings_90d),
      listings_total: read(features.listings_total),
      churn_30d: orUnknown(churn30),
      churn_90d: orUnknown(churn90),
      value_segment: valueSegment,
      merged_into: windows.mergedInto,
      updated_at: now,
    };
  };
}

const PROFILE_FEATURES = [
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
] as const;

function orUnknown(probability: number): number | null {
  return Number.isNaN(probability) ? null : probability;
}

function orNull(at: Instant): number | null {
  return Number.isFinite(at) && at !== 0 ? at : null;
}
