import { expect, it } from 'vitest';
import { scoredBy as scoredOnPage } from '../../src/commands/account-page.ts';
import { scoredBy as scoredInRun } from '../../src/commands/run-page.ts';

it.each(['closed-form@cdnow', 'closed-form@cdnow+segments@1998-06-30-0a1b2c3d'])(
  'under %s it is said that no churn model is in force',
  (version) => {
    expect(scoredOnPage(version, 'closed_form')).toContain('no churn model was promoted');
    expect(scoredInRun(version)).toContain('no model was trained on this history');
  },
);

it('a closed form that was trained and promoted is not called unpromoted', () => {
  const version = 'churn@1998-04-01-0a1b2c3d';
  expect(scoredOnPage(version, 'closed_form')).toBe(
    `by the closed form MBG/NBD (${version}), which knows orders only`,
  );
  expect(scoredInRun(version)).toBe(`scores by ${version}`);
});
