import type { Models } from '../scoring/models.ts';
import type { Condition, Dimension } from './policy.ts';

/** The segment models in force; of churn something always serves. */
type SegmentModels = Pick<Models, 'valueSegments' | 'styles'>;

/** Whether nobody can hold a tag of the dimension, because the model that all of its tags need is not in force. */
export function isWithoutModel({ tags }: Dimension, models: SegmentModels): boolean {
  return tags.length > 0 && tags.every(({ when }) => cannotHold(when, models));
}

function cannotHold(condition: Condition, models: SegmentModels): boolean {
  switch (condition.kind) {
    case 'test': {
      const { scored } = condition.feature;
      if (scored === 'value') return models.valueSegments === undefined;
      return scored === 'style' && models.styles === undefined;
    }
    case 'all':
      return condition.of.some((part) => cannotHold(part, models));
    case 'any':
      return condition.of.every((part) => cannotHold(part, models));
    case 'not':
      return false;
  }
}
