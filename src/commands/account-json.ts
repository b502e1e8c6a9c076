import type { Explanation } from '../core/tagging/explanation.ts';
import { isoOf, type Instant } from '../core/time.ts';
import type { TagTransitionRow } from '../ports/analytics.ts';
import { instant } from '../core/time.ts';
import type { Dealings, PersonAccount } from './person-account.ts';

/** A person's account as one JSON object: instants in ISO 8601, null for what there is not. */
export function accountJson(
  account: PersonAccount,
  clock: Instant,
  history: readonly TagTransitionRow[] | string,
): Record<string, unknown> {
  return {
    person: account.personId,
    at: isoOf(account.at),
    clock: isoOf(clock),
    mergedInto: account.mergedInto ?? null,
    firstSeenAt: orNull(account.firstSeenAt),
    lastSeenAt: orNull(account.lastSeenAt),
    bought: dealings(account.bought),
    sold: dealings(account.sold),
    risk:
      account.risk === undefined
        ? null
        : {
            churn30d: account.risk.churn30,
            churn90d: account.risk.churn90,
            valueSegment: account.risk.valueSegment,
            model: account.risk.model,
            by: account.risk.by,
            byNetwork: account.risk.by === 'network',
            reasons: account.risk.reasons,
          },
    dimensions: account.dimensions.map(dimension),
    withoutModel: account.withoutModel,
    ahead: account.ahead.map(({ dimension: name, from, to, effectiveAt, reasons }) => ({
      ...{ dimension: name, from, to, reasons },
      effectiveAt: isoOf(effectiveAt),
    })),
    triggersAhead: account.triggersAhead.map(({ rule, firedAt }) => ({
      trigger: rule.name,
      firedAt: isoOf(firedAt),
    })),
    transitions:
      typeof history === 'string'
        ? null
        : history.map(({ dimension: name, from_tag, to_tag, cause, cause_ref, effective_at, reasons }) => ({
            ...{ dimension: name, from: from_tag, to: to_tag, cause, causeRef: cause_ref },
            effectiveAt: isoOf(instant(effective_at)),
            reasons: JSON.parse(reasons) as unknown,
          })),
  };
}

function dimension({ since, failing, next, ...rest }: Explanation): Record<string, unknown> {
  return {
    ...rest,
    since: orNull(since),
    failing: failing === undefined ? null : { ...failing, until: isoOf(failing.until) },
    next: next === undefined ? null : { ...next, at: isoOf(next.at) },
  };
}

function dealings({ orders, value, firstAt, lastAt }: Dealings): Record<string, unknown> {
  return { orders, value, firstAt: orNull(firstAt), lastAt: orNull(lastAt) };
}

function orNull(at: Instant | undefined): string | null {
  return at === undefined ? null : isoOf(at);
}
