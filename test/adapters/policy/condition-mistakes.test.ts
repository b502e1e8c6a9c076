import { describe, it } from 'vitest';
import { expectRefusal, type Case } from './refusal.ts';

const WHEN = 'dimensions.buyer_class.tags.active.when';
const ORDINARY = 'dimensions.buyer_class.tags.ordinary';

const CASES: readonly Case[] = [
  [
    'a misspelt feature',
    'orders_90d: {at_least',
    '‸ordrs_90d: {at_least',
    `${WHEN}.all[0].ordrs_90d`,
    'no feature or score is called "ordrs_90d"; did you mean orders_90d?',
  ],
  [
    'a feature with a window there is none of',
    'orders_90d: {at_least',
    '‸orders_60d: {at_least',
    `${WHEN}.all[0].orders_60d`,
    'no feature or score is called "orders_60d"; did you mean orders_30d or orders_90d?',
  ],
  [
    'a feature nothing is like',
    'orders_total: {above',
    '‸horoscope: {above',
    `${ORDINARY}.when.horoscope`,
    'no feature or score is called "horoscope"; src/docs/features.md lists them all',
  ],
  [
    'a misspelt score',
    'loyalty_score: {below',
    '‸loyalty_scor: {below',
    `${WHEN}.all[2].not.loyalty_scor`,
    'no feature or score is called "loyalty_scor"; did you mean loyalty_score?',
  ],
  [
    'an exit band beyond the entry of a floor',
    'until_below: 2',
    'until_below: ‸4',
    `${WHEN}.all[0].orders_90d.until_below`,
    '4 is on the wrong side of the entry threshold 3: who enters would leave at once; set it below 3',
  ],
  [
    'an exit band beyond the entry of a ceiling',
    'until_above: 75',
    'until_above: ‸50',
    `${WHEN}.all[1].days_since_order.until_above`,
    '50 is on the wrong side of the entry threshold 60: who enters would leave at once; set it above 60',
  ],
  [
    'an exit band on the entry',
    'until_below: 2',
    'until_below: ‸3',
    `${WHEN}.all[0].orders_90d.until_below`,
    '3 is the entry threshold itself and makes no band; take it out or set it below 3',
  ],
  [
    'an exit band of the other direction',
    'until_below: 2',
    '‸until_above: 2',
    `${WHEN}.all[0].orders_90d.until_above`,
    'does not go with at_least; the exit band of at_least is until_below',
  ],
  [
    'two operators',
    '{above: 0}',
    '{above: 0, ‸at_most: 5}',
    `${ORDINARY}.when.orders_total.at_most`,
    'stands beside above; test the feature twice under all, once with each',
  ],
  [
    'no operator',
    'orders_total: {above: 0}',
    '‸orders_total: {}',
    `${ORDINARY}.when.orders_total`,
    'states no threshold; write one of at_least, above, at_most, below, like {at_least: 3}',
  ],
  [
    'a misspelt operator',
    '{above: 0}',
    '{‸abvoe: 0}',
    `${ORDINARY}.when.orders_total.abvoe`,
    'unknown key "abvoe"; did you mean above?',
  ],
  [
    'a threshold that is a text',
    '{above: 0}',
    "{above: ‸'0'}",
    `${ORDINARY}.when.orders_total.above`,
    '"0" is not a number; write a plain number',
  ],
  [
    'a threshold without end',
    '{above: 0}',
    '{above: ‸.inf}',
    `${ORDINARY}.when.orders_total.above`,
    'Infinity is not a number; write a plain number',
  ],
  [
    'a score beyond the scale',
    '{below: 2}',
    '{below: ‸6}',
    `${WHEN}.all[2].not.loyalty_score.below`,
    '6 is no score; scores go from 1 (worst) to 5 (best)',
  ],
  [
    'two features in one condition',
    'orders_total: {above: 0}',
    '{orders_total: {above: 0}, ‸orders_30d: {above: 0}}',
    `${ORDINARY}.when.orders_30d`,
    'stands beside orders_total in one condition; put each on a line of its own under all or any',
  ],
  [
    'an empty condition',
    'orders_total: {above: 0}',
    '‸{}',
    `${ORDINARY}.when`,
    'is an empty condition; write feature: {operator: number}',
  ],
  [
    'a condition left out',
    'when:\n          orders_total: {above: 0}\n',
    '‸when:\n',
    `${ORDINARY}.when`,
    'is empty; write feature: {operator: number}, or all, any or not',
  ],
  [
    'an empty all',
    'orders_total: {above: 0}',
    'all: ‸[]',
    `${ORDINARY}.when.all`,
    'is an empty list and would decide nothing; add a condition or take it out',
  ],
  [
    'a condition that is none',
    'orders_total: {above: 0}',
    'any: [‸orders_total]',
    `${ORDINARY}.when.any[0]`,
    '"orders_total" is not a condition; write feature: {operator: number}, or all, any or not',
  ],
];

describe('a mistake in a condition is told with its place, its path, what is wrong and the mend', () => {
  it.each(CASES)('%s', (...one) => {
    expectRefusal(one);
  });
});
