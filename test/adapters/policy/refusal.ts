import { expect } from 'vitest';
import { parsePolicy } from '../../../src/adapters/policy/load-policy.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { aPolicyWith } from './a-policy-text.ts';

/** Where a text is wrong: stands before the place a message must name, and is taken out before parsing. */
export const MARK = '‸';

/** A text of the policy, what it is replaced by (with a {@link MARK}), and the path and message that must come of it. */
export type Case = readonly [what: string, text: string, by: string, path: string, message: string];

/** The lines in which a text is refused, without the heading that counts several; none if it is accepted. */
export function refusal(text: string): string[] {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.mend).not.toBe('');
    return error.message.split('\n').filter((line) => !/^p\.yaml has \d+ mistakes$/.test(line));
  }
  return [];
}

/** Replaced so, the policy is refused for this one reason at the marked place. */
export function expectRefusal([, text, by, path, message]: Case): void {
  const marked = aPolicyWith([text, by]);
  const before = marked.slice(0, marked.indexOf(MARK)).split('\n');
  const place = `${before.length}:${(before.at(-1) ?? '').length + 1}`;
  expect(refusal(marked.replace(MARK, ''))).toEqual([`p.yaml:${place} ${path}: ${message}`]);
}
