import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultPolicyPath } from '../../../src/adapters/policy/load-policy.ts';
import { policyJsonSchema } from '../../../src/adapters/policy/policy-json-schema.ts';
import { CATALOGUE } from '../../../src/core/features/catalogue.ts';
import { A_POLICY, aPolicyWith } from './a-policy-text.ts';

const schema = policyJsonSchema();
const accepts = new Ajv2020({ strict: false }).compile(schema);

describe('the JSON Schema for editors', () => {
  it('accepts the default pack', () => {
    expect(accepts(parse(readFileSync(defaultPolicyPath(), 'utf8')))).toBe(true);
  });

  it('accepts a policy with a score of its own', () => {
    expect(accepts(parse(A_POLICY))).toBe(true);
  });

  it.each([
    ['a misspelt feature', 'orders_90d: {at_least', 'ordrs_90d: {at_least'],
    ['a misspelt feature deep down', 'loyalty_score: {below', 'orders_totl: {below'],
    ['a score of a misspelt feature', 'feature: orders_90d', 'feature: order_90d'],
    [
      'two features in one condition',
      'orders_total: {above: 0}',
      '{orders_total: {above: 0}, orders_1d: {above: 0}}',
    ],
    ['an empty condition', 'orders_total: {above: 0}', '{}'],
    ['an empty list', 'orders_total: {above: 0}', 'any: []'],
    ['no operator', '{above: 0}', '{}'],
    ['two operators', '{above: 0}', '{above: 0, below: 9}'],
    ['an exit band of the other direction', 'until_below: 2', 'until_above: 4'],
    ['three bands', '[1, 3, 6, 12]', '[1, 3, 6]'],
    ['neither bands nor quantiles', ', by: quantiles}', '}'],
    ['a score that does not say so', 'loyalty_score: {feature', 'loyalty: {feature'],
    ['a duration in words', 'dwell: 7d', 'dwell: 7 days'],
    ['an offset without its zero', '"+08:00"', '"+8:00"'],
    ['a currency in small letters', 'currency: CNY', 'currency: cny'],
    ['an unknown key', 'version: 1', 'version: 1\nowner: me'],
    ['a missing key', 'currency: CNY\n', ''],
    ['a dimension without a tag', 'triggers:', '  other: {side: both, tags: {}}\ntriggers:'],
  ])('refuses %s', (_what, text, by) => {
    expect(accepts(parse(aPolicyWith([text, by])))).toBe(false);
  });

  it('documents every feature with its unit', () => {
    const { $defs } = schema as {
      $defs: { condition: { properties: Record<string, { description?: string }> } };
    };
    const { properties } = $defs.condition;
    for (const { name, about, unit } of CATALOGUE)
      expect(properties[name]?.description).toBe(`${about} (${unit})`);
  });
});
