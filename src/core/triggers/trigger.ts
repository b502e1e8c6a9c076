import { deterministicId } from '../ids.ts';
import { isoOf, type Instant } from '../time.ts';
import type { Policy, TriggerRule } from '../tagging/policy.ts';
import type { Transition } from '../tagging/transition.ts';

/** A transition that calls for action, after the cool-down. */
export interface Trigger {
  readonly id: string;
  readonly rule: TriggerRule;
  readonly transition: Transition;
  readonly firedAt: Instant;
}

/** CloudEvents 1.0, structured JSON. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** When each trigger last fired for a person, by the rule's position in the policy. */
export type LastFired = Map<number, Instant>;

/** The triggers a transition sets off; notes them in `lastFired`. In the policy's order. */
export function firedBy(
  transition: Transition,
  rules: readonly TriggerRule[],
  lastFired: LastFired,
): Trigger[] {
  const fired: Trigger[] = [];
  rules.forEach((rule, i) => {
    if (rule.dimension !== transition.dimension || rule.to !== transition.to) return;
    if (rule.from.length > 0 && !rule.from.includes(transition.from)) return;
    const last = lastFired.get(i);
    if (last !== undefined && transition.effectiveAt < last + rule.cooldownMs) return;
    lastFired.set(i, transition.effectiveAt);
    fired.push({
      id: deterministicId('trigger', transition.id, rule.name),
      rule,
      transition,
      firedAt: transition.effectiveAt,
    });
  });
  return fired;
}

export function triggerEvent(trigger: Trigger, policy: Policy): CloudEvent {
  const { rule, transition } = trigger;
  return {
    specversion: '1.0',
    id: trigger.id,
    source: `/tidemark/policies/${policy.name}`,
    type: `io.tidemark.trigger.${rule.name}`,
    subject: transition.personId,
    time: isoOf(trigger.firedAt),
    datacontenttype: 'application/json',
    dataschema: 'https://tidemark.dev/schemas/trigger.schema.json',
    data: {
      trigger: rule.name,
      action: rule.action,
      personId: transition.personId,
      dimension: transition.dimension,
      from: transition.from,
      to: transition.to,
      cause: transition.cause,
      transitionId: transition.id,
      effectiveAt: isoOf(transition.effectiveAt),
      nextChangeAt: Number.isFinite(transition.nextChangeAt) ? isoOf(transition.nextChangeAt) : null,
      reasons: transition.reasons.map(({ words }) => words),
      policyVersion: policy.version,
    },
  };
}
