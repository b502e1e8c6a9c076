import { parsePolicy } from '../../src/adapters/policy/load-policy.ts';
import type { Dimension } from '../../src/core/tagging/policy.ts';
import { A_POLICY } from '../adapters/policy/a-policy-text.ts';

const MIXED = `dimensions:
  mixed:
    about: Scores and silence
    side: buyer
    tags:
      stirred: {when: {any: [{style_socialite: {at_least: 1}}, {days_since_activity: {at_least: 3}}]}}
      lively: {when: {all: [{not: {style_trend_follower: {at_least: 1}}}, {days_since_activity: {at_most: 2}}]}}
`;

/** A dimension whose tags move with scores, and with time between two of these. */
export function mixedDimensions(): readonly Dimension[] {
  return parsePolicy(A_POLICY.replace(/dimensions:[^]*/, MIXED), 'mixed.yaml').dimensions;
}
