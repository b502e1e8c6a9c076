import { expect, it } from 'vitest';
import { transitionWords } from '../../src/commands/account-page.ts';

it('a change is told with the way each of the model’s reasons pulls', () => {
  const reason = { family: 'visits', share: 0.5, words: '20 active days in the last 30 days' };
  const rule = { feature: 'churn_90d', words: 'risk: 69 of 100; the rule asks for at least 60' };
  const row = {
    ...{ transition_id: 't', person_id: 'p', dimension: 'churn_risk', from_tag: 'low', to_tag: 'elevated' },
    ...{ cause: 'time', cause_ref: '', effective_at: 0, decided_at: 0, next_change_at: null },
    ...{ policy_version: 'p@1', model_version: 'm' },
    reasons: JSON.stringify([
      rule,
      { ...reason, logitChange: -0.5 },
      { ...reason, logitChange: 1, words: 'x' },
    ]),
  };
  expect(transitionWords(row)).toBe(
    'churn_risk: low → elevated, by time alone: risk: 69 of 100, ' +
      'risk lowered by 20 active days in the last 30 days, risk raised by x',
  );
});
