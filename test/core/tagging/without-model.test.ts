import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/core/tagging/policy.ts';
import { isWithoutModel } from '../../../src/core/tagging/without-model.ts';
import { all, any, dimension, not, tag, when } from '../../support/test-policy.ts';

const NOTHING = { valueSegments: undefined, styles: undefined };
const SOCIALITE = when('style_socialite', 'at_least', 1);
const DORMANT = when('segment_dormant', 'at_least', 1);
const ORDERS = when('orders_total', 'at_least', 1);
const RISK = when('churn_90d', 'at_least', 60);

describe('a dimension without its model', () => {
  it.each<[string, Condition, boolean]>([
    ['one group', SOCIALITE, true],
    ['a group and a number', all(SOCIALITE, ORDERS), true],
    ['groups of two models', any(SOCIALITE, DORMANT), true],
    ['a group or a number', any(SOCIALITE, ORDERS), false],
    ['not a group', not(SOCIALITE), false],
    ['a risk, which the closed form knows', RISK, false],
  ])('is one whose tag asks for %s: %#', (_, condition, without) => {
    expect(isWithoutModel(dimension('d', tag('t', condition)), NOTHING)).toBe(without);
  });

  it('is none while one of its tags can be held', () => {
    expect(isWithoutModel(dimension('d', tag('a', SOCIALITE), tag('b', ORDERS)), NOTHING)).toBe(false);
  });
});
