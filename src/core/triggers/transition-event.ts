import { isoOf } from '../time.ts';
import type { Policy } from '../tagging/policy.ts';
import type { Transition } from '../tagging/transition.ts';
import type { CloudEvent } from './trigger.ts';

export const TAG_CHANGED = 'io.tidemark.tag.changed';

/**
 * A transition as subscribers of tags get it. The id is the transition's, and never changes; `time` is when the new tag
 * holds from, and the reasons are objects with the person's own numbers, those of a model after the policy's.
 */
export function transitionEvent(transition: Transition, policy: Policy): CloudEvent {
  const { id, personId, effectiveAt, nextChangeAt } = transition;
  return {
    specversion: '1.0',
    id,
    source: `/tidemark/policies/${policy.name}`,
    type: TAG_CHANGED,
    subject: personId,
    time: isoOf(effectiveAt),
    datacontenttype: 'application/json',
    dataschema: 'https://tidemark.dev/schemas/tag-changed.schema.json',
    data: {
      transitionId: id,
      personId,
      dimension: transition.dimension,
      from: transition.from,
      to: transition.to,
      cause: transition.cause,
      causeRef: transition.causeRef,
      effectiveAt: isoOf(effectiveAt),
      nextChangeAt: Number.isFinite(nextChangeAt) ? isoOf(nextChangeAt) : null,
      reasons: [...transition.reasons, ...transition.modelReasons],
      policyVersion: policy.version,
      modelVersion: transition.modelVersion,
    },
  };
}
