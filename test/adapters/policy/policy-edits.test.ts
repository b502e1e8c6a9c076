import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyJsonSchema } from '../../../src/adapters/policy/policy-json-schema.ts';
import { A_POLICY } from './a-policy-text.ts';
import { refusal } from './refusal.ts';

const LINES = A_POLICY.split('\n');
const PIECES = [
  '',
  '{}',
  '[]',
  'all:',
  'orders_90d: {at_least: 3}',
  '- ',
  '&a',
  '*a',
  '0',
  'null',
  '"',
  'none',
  '? ',
];

/** What slips of the hand make of a policy: lines lost, doubled or moved in, pieces put anywhere. */
const edited = fc
  .array(
    fc.record({
      line: fc.nat(LINES.length - 1),
      kind: fc.constantFrom('drop', 'double', 'indent', 'insert', 'cut'),
      at: fc.nat(40),
      piece: fc.constantFrom(...PIECES),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((edits) =>
    edits
      .reduce((lines, { line, kind, at, piece }) => {
        const text = lines[line] ?? '';
        const made = {
          drop: [],
          double: [text, text],
          indent: [`  ${text}`],
          insert: [text.slice(0, at) + piece + text.slice(at)],
          cut: [text.slice(0, at)],
        }[kind];
        return lines.toSpliced(line, 1, ...made);
      }, LINES)
      .join('\n'),
  );

it('an edited policy is accepted, by editors too, or refused at places that exist', () => {
  const accepts = new Ajv2020({ strict: false }).compile(policyJsonSchema());
  fc.assert(
    fc.property(edited, (text) => {
      const refused = refusal(text);
      if (refused.length === 0) expect(accepts(parse(text, { logLevel: 'error' }))).toBe(true);
      const lines = text.split('\n');
      for (const one of refused) {
        const [, line = 0, column = 0] = (/^p\.yaml:(\d+):(\d+) \S/.exec(one) ?? []).map(Number);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
        expect(one).not.toMatch(/undefined|Invalid input|\[object/);
      }
    }),
    { numRuns: 100 },
  );
});

it('a map in the place of a key is named on one line', () => {
  const [first = '', ...more] = refusal('version: 1\n? scores:\n  r: {feature: days_since_order}\nname: x\n');
  expect([first, ...more].every((line) => /^p\.yaml:\d+:\d+ \S/.test(line))).toBe(true);
  expect([first, ...more].join('\n')).toContain('{ scores:');
});
