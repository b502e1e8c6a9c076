import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/adapters/policy/load-policy.ts';
import { aPolicyWith } from './a-policy-text.ts';
import { expectRefusal, refusal, type Case } from './refusal.ts';

const CASES: readonly Case[] = [
  [
    'a tag called none',
    'triggers:',
    '      ‸none: {when: {orders_total: {above: 0}}}\ntriggers:',
    'dimensions.buyer_class.tags.none',
    'is what holding no tag is called; choose another name',
  ],
  [
    'a tag stated twice',
    'triggers:',
    '      ‸active: {when: {orders_total: {above: 0}}}\ntriggers:',
    'dimensions.buyer_class.tags.active',
    'is stated twice, first on line 20; keep one of the two',
  ],
  [
    'a name with capitals',
    'triggers:',
    '      ‸Ordinary: {when: {orders_total: {above: 0}}}\ntriggers:',
    'dimensions.buyer_class.tags.Ordinary',
    'is no name; use lower-case letters, digits and _, beginning with a letter',
  ],
  [
    'a name that is none',
    'triggers:',
    '  ‸__proto__: {side: buyer}\ntriggers:',
    'dimensions.__proto__',
    'is no name; use lower-case letters, digits and _, beginning with a letter',
  ],
  [
    'a dimension without a tag',
    'triggers:',
    '  other: {side: both, tags: ‸{}}\ntriggers:',
    'dimensions.other.tags',
    'has no tag; add one or take the dimension out',
  ],
  [
    'an unknown side',
    'side: buyer',
    'side: ‸byer',
    'dimensions.buyer_class.side',
    '"byer" is not known here; did you mean buyer?',
  ],
  [
    'a ladder that is no truth value',
    'side: buyer',
    'side: buyer\n    ladder: ‸yes',
    'dimensions.buyer_class.ladder',
    '"yes" is neither true nor false; write one of them',
  ],
  [
    'a duration in words',
    'dwell: 7d',
    'dwell: ‸7 days',
    'dimensions.buyer_class.tags.active.dwell',
    '"7 days" is not a duration; write a whole number and d, h or m, like 90d, 12h or 30m',
  ],
  [
    'a duration without unit',
    'cooldown: 30m',
    'cooldown: ‸30',
    'triggers.greet.cooldown',
    '30 is not a duration; write a whole number and d, h or m, like 90d, 12h or 30m',
  ],
  [
    'a duration of nothing',
    'grace: 12h',
    'grace: ‸0h',
    'dimensions.buyer_class.tags.active.grace',
    '"0h" is not a duration; write a whole number and d, h or m, like 90d, 12h or 30m',
  ],
  [
    'an unknown dimension',
    'dimension: buyer_class',
    'dimension: ‸buyer_clas',
    'triggers.greet.on.dimension',
    'no dimension is called "buyer_clas"; did you mean buyer_class?',
  ],
  [
    'an unknown tag to go to',
    'to: active',
    'to: ‸actve',
    'triggers.greet.on.to',
    'buyer_class has no tag "actve"; did you mean active?',
  ],
  [
    'an unknown tag to come from',
    '[ordinary, none]',
    '[ordinary, ‸dormant]',
    'triggers.greet.on.from[1]',
    'buyer_class has no tag "dormant"; its tags are active, ordinary, none',
  ],
  [
    'a trigger from where it goes',
    '[ordinary, none]',
    '[‸active]',
    'triggers.greet.on.from[0]',
    '"active" is where the trigger leads to; a transition comes from another tag',
  ],
  [
    'a trigger without its action',
    'triggers:',
    'triggers:\n  ‸other: {on: {dimension: buyer_class, to: none}, cooldown: 1d}',
    'triggers.other.action',
    'is missing; write what the marketing system should do; Tidemark passes it on unread',
  ],
  [
    'bands that go the wrong way',
    '[1, 3, 6, 12]',
    '[12, ‸6, 3, 1]',
    'scores.f.bands[1]',
    '6 after 12 is out of order; thresholds rise from score 2 to score 5 where higher is better',
  ],
  [
    'bands with a step back',
    '[180, 90, 30, 7]',
    '[180, 90, ‸90, 7]',
    'scores.r.bands[2]',
    '90 after 90 is out of order; thresholds fall from score 2 to score 5 where lower is better',
  ],
  [
    'three bands',
    '[1, 3, 6, 12]',
    '‸[1, 3, 6]',
    'scores.f.bands',
    'has 3 thresholds; give four, those of the scores 2, 3, 4 and 5',
  ],
  [
    'bands and quantiles at once',
    'bands: [1, 3, 6, 12]',
    'bands: [1, 3, 6, 12], ‸by: quantiles',
    'scores.f.by',
    'stands beside bands; keep bands for fixed thresholds or by for quantiles',
  ],
  [
    'neither bands nor quantiles',
    'f: {feature: orders_90d, better: higher, bands: [1, 3, 6, 12]}',
    '‸f: {feature: orders_90d, better: higher}',
    'scores.f',
    'has no thresholds; write bands: [four thresholds] or by: quantiles',
  ],
  [
    'a score of an unknown feature',
    'feature: orders_90d',
    'feature: ‸order_90d',
    'scores.f.feature',
    'no feature is called "order_90d"; did you mean orders_90d?',
  ],
  [
    'a score that is missing',
    'scores:\n  r:',
    '‸scores:\n  r_score:',
    'scores.r',
    'is missing; write feature, better, bands, by as they apply',
  ],
  [
    'a score of another name that does not say so',
    'dimensions:',
    '  ‸loyalty: {feature: orders_total, better: higher, by: quantiles}\ndimensions:',
    'scores.loyalty',
    'is a name for none but r, f, m, seller_r, seller_f, seller_m; end the name of any other score in _score, like loyalty_score',
  ],
  [
    'a score that is called like a feature',
    'dimensions:',
    '  ‸orders_30d: {feature: orders_total, better: higher, by: quantiles}\ndimensions:',
    'scores.orders_30d',
    'is the name of a feature already; choose another',
  ],
  [
    'an unknown key',
    'version: 1',
    'version: 1\n‸verison: 2',
    'verison',
    'unknown key "verison"; did you mean version?',
  ],
  [
    'an unknown key nothing is like',
    'version: 1',
    'version: 1\n‸owner: me',
    'owner',
    'unknown key "owner"; the keys here are name, version, currency, rates, utc_offset, review_every, scores, dimensions, triggers',
  ],
  [
    'a missing key',
    'name: small\nversion: 1\n',
    '‸name: small\n',
    'version',
    'is missing; write a whole number from 1 on',
  ],
  [
    'a version that is no whole number',
    'version: 1',
    'version: ‸1.5',
    'version',
    '1.5 is not a version; write a whole number from 1 on',
  ],
  [
    'a currency in small letters',
    'currency: CNY',
    'currency: ‸cny',
    'currency',
    '"cny" is not a currency code; write the three capital letters of ISO 4217, like CNY',
  ],
  [
    'a currency that does not exist',
    'currency: CNY',
    'currency: ‸RMB',
    'currency',
    '"RMB" is no currency of ISO 4217; write a code of it, like CNY',
  ],
  [
    'a rate for what is no currency',
    '{USD: 7.1}',
    '{‸dollar: 7.1}',
    'rates.dollar',
    'is not a currency code; write the three capital letters of ISO 4217, like CNY',
  ],
  ['a rate of nothing', '{USD: 7.1}', '{USD: ‸0}', 'rates.USD', '0 is not a rate; write a number above 0'],
  [
    'a rate for the reporting currency',
    '{USD: 7.1}',
    '{‸CNY: 1}',
    'rates.CNY',
    'is the reporting currency itself, which needs no rate; take it out',
  ],
  [
    'an offset without its zero',
    '"+08:00"',
    '‸"+8:00"',
    'utc_offset',
    '"+8:00" is not an offset from UTC; write quoted hours and minutes, like "+08:00"',
  ],
  [
    'an offset beyond the date line',
    '"+08:00"',
    '‸"+14:30"',
    'utc_offset',
    '"+14:30" is not an offset from UTC; write quoted hours and minutes, like "+08:00"',
  ],
  [
    'an unknown review period',
    'review_every: month',
    'review_every: ‸monthly',
    'review_every',
    '"monthly" is not known here; did you mean month?',
  ],
];

describe('a mistake is told with its place, its path, what is wrong and the mend', () => {
  it.each(CASES)('%s', (...one) => {
    expectRefusal(one);
  });
});

describe('all mistakes of a file', () => {
  it('are told at once, in the order of the text, under their number', () => {
    const text = aPolicyWith(
      ['currency: CNY', 'currency: yuan'],
      ['better: lower', 'better: smaller'],
      ['side: buyer', 'side: buyer\n    colour: red'],
      ['orders_90d: {at_least: 3', 'ordrs_90d: {at_least: 3'],
      ['until_above: 75', 'until_above: 5'],
      ['dwell: 7d', 'dwell: 7w'],
      ['to: active', 'to: actve'],
    );
    expect(refusal(text).map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'p.yaml:3:11 currency',
      'p.yaml:8:42 scores.r.better',
      'p.yaml:19:5 dimensions.buyer_class.colour',
      'p.yaml:25:15 dimensions.buyer_class.tags.active.when.all[0].ordrs_90d',
      'p.yaml:26:60 dimensions.buyer_class.tags.active.when.all[1].days_since_order.until_above',
      'p.yaml:29:16 dimensions.buyer_class.tags.active.dwell',
      'p.yaml:37:38 triggers.greet.on.to',
    ]);
    expect(() => parsePolicy(text, 'p.yaml')).toThrow(/^p\.yaml has 7 mistakes\n/);
  });

  it('include those of both tags that share a name', () => {
    const text = aPolicyWith(
      ['dwell: 7d', 'dwell: 7w'],
      ['triggers:', '      active: {when: {orders_total: {abvoe: 0}}}\ntriggers:'],
    );
    expect(refusal(text)).toEqual([
      expect.stringContaining('28:16 dimensions.buyer_class.tags.active.dwell: "7w" is not a duration'),
      expect.stringContaining('33:7 dimensions.buyer_class.tags.active: is stated twice, first on line 20'),
      expect.stringContaining(
        '33:38 dimensions.buyer_class.tags.active.when.orders_total.abvoe: unknown key',
      ),
    ]);
  });
});

describe('a text that is no policy at all', () => {
  it.each([
    ['broken YAML', 'name: [a\nb: c\n', /^p\.yaml:2:1 this is not valid YAML: /],
    ['two documents', 'name: a\n---\nname: b\n', /^p\.yaml:2:1 this is not valid YAML: /],
    ['an alias of nothing', 'name: *a\n', /^p\.yaml:1:1 this is not usable YAML: Unresolved alias/],
    ['aliases without end', bomb(), /^p\.yaml:1:1 this is not usable YAML: Excessive alias count/],
    ['nothing', '', /^p\.yaml:1:1 is empty; write name, version/],
    ['a comment', '# later\n', /^p\.yaml:\d:1 is empty; write name, version/],
    ['a list', '- name: a\n', /^p\.yaml:1:1 .* is not a policy with its keys; write name, version/],
    ['a word', 'policy\n', /^p\.yaml:1:1 "policy" is not a policy with its keys/],
    [
      'tables in place of values',
      'name: {a: 1}\nscores: 3\ndimensions: []\n',
      /^p\.yaml:1:1 version: is missing/,
    ],
  ])('%s', (_what, text, refused) => {
    expect(refusal(text)[0]).toMatch(refused);
  });
});

/** A few lines that unfold to millions. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}1]`);
  return `a0: &a0 [x]\n${lines.join('\n')}\n`;
}
