import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/adapters/policy/load-policy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/core/time.ts';
import { A_POLICY, aPolicyWith } from './a-policy-text.ts';

const policy = parsePolicy(A_POLICY, 'small.yaml');

describe('a policy file without a mistake', () => {
  it('gives its head', () => {
    expect(policy).toMatchObject({
      name: 'small',
      currency: 'CNY',
      rates: { USD: 7.1 },
      utcOffsetMs: 8 * HOUR_MS,
      reviewEvery: 'month',
    });
  });

  it('gives scores in the order of their names', () => {
    expect(policy.scores.map(({ name, by, better, feature }) => [name, feature.name, better, by])).toEqual([
      ['f', 'orders_90d', 'higher', { bands: [1, 3, 6, 12] }],
      ['loyalty_score', 'orders_total', 'higher', 'quantiles'],
      ['m', 'average_order_ratio', 'higher', { bands: [2, 3, 5, 10] }],
      ['r', 'days_since_order', 'lower', { bands: [180, 90, 30, 7] }],
      ['seller_f', 'sales_365d', 'higher', 'quantiles'],
      ['seller_m', 'average_sale_365d', 'higher', 'quantiles'],
      ['seller_r', 'days_since_sale', 'lower', 'quantiles'],
    ]);
  });

  it('gives tags in the order of the file, with what lets in and what keeps', () => {
    const [dimension] = policy.dimensions;
    expect(dimension).toMatchObject({ name: 'buyer_class', side: 'buyer', ladder: false });
    expect(dimension?.tags).toMatchObject([
      {
        name: 'active',
        about: 'Buys often',
        dwellMs: 7 * DAY_MS,
        graceMs: 12 * HOUR_MS,
        when: {
          kind: 'all',
          of: [
            {
              kind: 'test',
              feature: { name: 'orders_90d' },
              enter: { operator: 'at_least', value: 3 },
              keep: { operator: 'at_least', value: 2 },
            },
            {
              kind: 'test',
              feature: { name: 'days_since_order' },
              enter: { operator: 'at_most', value: 60 },
              keep: { operator: 'at_most', value: 75 },
            },
            {
              kind: 'not',
              of: {
                kind: 'test',
                feature: { name: 'loyalty_score', population: true },
                enter: { operator: 'below', value: 2 },
                keep: { operator: 'below', value: 2 },
              },
            },
          ],
        },
      },
      {
        name: 'ordinary',
        about: '',
        dwellMs: 0,
        graceMs: 0,
        when: { enter: { operator: 'above', value: 0 } },
      },
    ]);
  });

  it('gives triggers', () => {
    expect(policy.triggers).toEqual([
      {
        name: 'greet',
        about: 'Somebody is active again',
        dimension: 'buyer_class',
        to: 'active',
        from: ['none', 'ordinary'],
        cooldownMs: 30 * MINUTE_MS,
        action: 'greeting',
      },
    ]);
  });

  it.each([
    ['{above: 3, until_below: 3}', 'at_least', 3],
    ['{above: 3, until_below: 1}', 'at_least', 1],
    ['{below: 3, until_above: 3}', 'at_most', 3],
    ['{at_most: 3, until_above: 5.5}', 'at_most', 5.5],
  ])('keeps by %s while %s %d', (test, operator, value) => {
    const text = aPolicyWith(['{above: 0}', test]);
    expect(parsePolicy(text, 'x').dimensions[0]?.tags[1]?.when).toMatchObject({ keep: { operator, value } });
  });

  it.each([
    ['"-03:30"', -3.5 * HOUR_MS],
    ['+14:00', 14 * HOUR_MS],
    ['"-00:00"', 0],
  ])('reads the offset %s', (offset, ms) => {
    expect(parsePolicy(aPolicyWith(['"+08:00"', offset]), 'x').utcOffsetMs).toBe(ms);
  });

  it('does without rates, triggers and any about', () => {
    const text = aPolicyWith(['rates: {USD: 7.1}\n', ''], ['    about: How alive a buyer is\n', '']);
    const bare = parsePolicy(text.slice(0, text.indexOf('triggers:')), 'x');
    expect(bare).toMatchObject({ rates: {}, triggers: [], dimensions: [{ about: '' }] });
  });

  it('takes aliases for what they stand for', () => {
    const text = aPolicyWith(['when:\n          orders_total', 'when: &bought\n          orders_total']);
    const more = text.replace('triggers:', '      other:\n        when: *bought\ntriggers:');
    const tags = parsePolicy(more, 'x').dimensions[0]?.tags;
    expect(tags?.[2]?.when).toEqual(tags?.[1]?.when);
  });
});

describe('the version of a policy', () => {
  const versionOf = (text: string): string => parsePolicy(text, 'x').version;

  it('is name, edition and six digits of the content', () => {
    expect(policy.version).toMatch(/^small@1-[0-9a-f]{6}$/);
  });

  it.each<[string, string]>([
    ['a comment', `# hello\n${A_POLICY}`],
    ['layout', aPolicyWith(['rates: {USD: 7.1}', 'rates:\n    USD:   7.10'])],
    ['a duration spelt otherwise', aPolicyWith(['dwell: 7d', 'dwell: 168h'])],
    ['a default written out', aPolicyWith(['    side: buyer', '    side: buyer\n    ladder: false'])],
    ['the order of keys', aPolicyWith(['dwell: 7d\n        grace: 12h', 'grace: 12h\n        dwell: 7d'])],
    ['the order of origins', aPolicyWith(['[ordinary, none]', '[none, ordinary]'])],
    ['the order of scores', moved('  r: {feature', '  seller_f: {feature')],
  ])('does not depend on %s', (_what, text) => {
    expect(versionOf(text)).toBe(policy.version);
  });

  it.each<[string, string]>([
    ['the edition', aPolicyWith(['version: 1', 'version: 2'])],
    ['a threshold', aPolicyWith(['at_least: 3', 'at_least: 4'])],
    ['an exit band', aPolicyWith(['until_below: 2', 'until_below: 1'])],
    ['a feature', aPolicyWith(['- orders_90d', '- orders_30d'])],
    ['a sentence', aPolicyWith(['Buys often', 'Buys a lot'])],
    ['a rate', aPolicyWith(['7.1', '7.2'])],
    [
      'the order of tags',
      aPolicyWith(
        ['      active:', '      x:'],
        ['      ordinary:', '      active:'],
        ['      x:', '      ordinary:'],
      ),
    ],
  ])('depends on %s', (_what, text) => {
    expect(versionOf(text)).not.toBe(policy.version);
  });
});

/** The policy with the line that begins with `text` moved before the one that begins with `before`. */
function moved(text: string, before: string): string {
  const lines = A_POLICY.split('\n');
  const line = lines.find((one) => one.startsWith(text)) ?? '';
  return lines
    .filter((one) => one !== line)
    .flatMap((one) => (one.startsWith(before) ? [line, one] : [one]))
    .join('\n');
}
