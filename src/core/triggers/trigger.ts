import { deterministicId } from '../ids.ts';
import { reasonInWords } from '../scoring/churn/churn-reasons.ts';
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

/** When a trigger last fired for a person; `rule` is its position in the policy. Few people have any. */
export interface Firing {
  readonly rule: number;
  readonly firedAt: Instant;
}

/** Notes that a rule fired; of two notes of one rule the later stands. */
export function noteFiring(firings: Firing[], firing: Firing): void {
  const known = firings.findIndex(({ rule }) => rule === firing.rule);
  if (known === -1) firings.push(firing);
  else if ((firings[known]?.firedAt ?? 0) < firing.firedAt) firings[known] = firing;
}

/** The triggers a transition sets off; notes them in `firings`. In the policy's order. */
export function firedBy(transition: Transition, rules: readonly TriggerRule[], firings: Firing[]): Trigger[] {
  const fired: Trigger[] = [];
  rules.forEach((rule, i) => {
    if (rule.dimension !== transition.dimension || rule.to !== transition.to) return;
    if (rule.from.length > 0 && !rule.from.includes(transition.from)) return;
    const last = firings.find((firing) => firing.rule === i);
    if (last !== undefined && transition.effectiveAt < last.firedAt + rule.cooldownMs) return;
    noteFiring(firings, { rule: i, firedAt: transition.effectiveAt });
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
      reasons: [
        ...transition.reasons.map(({ words }) => words),
        ...transition.modelReasons.map(reasonInWords),
      ],
      policyVersion: policy.version,
    },
  };
}
