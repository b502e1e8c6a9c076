import { describe, expect, it } from 'vitest';
import { newPerson, type Person } from '../../../src/core/person.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import { dimensionState } from '../../../src/core/tagging/dimension-state.ts';
import { environmentOf } from '../../../src/core/tagging/rulebook.ts';
import { DAY_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';
import { columnsFor, featuresNamed, PeopleColumns } from '../../../src/runtime/drift/people-columns.ts';
import { dimension, policyOf, tag, TEST_POLICY, when } from '../../support/test-policy.ts';
import { scoreFeature } from '../../../src/core/scoring/score.ts';

const NOW = instant(Date.UTC(2025, 5, 1));

const names = (features: readonly { readonly name: string }[]): string[] => features.map(({ name }) => name);

/** Of them it is only known since when. */
function seenSince(at: Instant, tags: Person['tags'] = []): Person {
  const person = { ...newPerson(), tags };
  person.windows.presence.add(at);
  return person;
}

describe('what is looked at of everybody', () => {
  const { features, dimensions } = columnsFor(TEST_POLICY);

  it('is what the rules read, and what churn is predicted by', () => {
    expect(dimensions).toEqual(TEST_POLICY.dimensions.map(({ name }) => name));
    expect(names(features)).toContain('selling_page_views_30d');
    expect(names(features)).toContain('wishlist_additions_90d');
    expect(new Set(names(features)).size).toBe(features.length);
  });

  it('is the feature that a score from 1 to 5 is made of', () => {
    const feature = featuresNamed(['average_sale_365d']).features[0];
    if (feature === undefined) throw new Error('the catalogue has no average_sale_365d');
    const rule = { name: 'm', feature, better: 'higher', by: 'quantiles' } as const;
    const policy = policyOf({
      scores: [rule],
      dimensions: [dimension('worth', tag('high', when(scoreFeature(rule), 'at_least', 4)))],
    });
    expect(names(columnsFor(policy).features)).toContain('average_sale_365d');
    expect(names(columnsFor(policyOf({})).features)).not.toContain('average_sale_365d');
  });

  it('is apart what models say of people', () => {
    const { scores, features: told } = columnsFor(policyOf({}));
    for (const { name } of scores) expect(names(told)).not.toContain(name);
    for (const { reads } of told) expect(reads).not.toEqual([]);
    for (const { name } of scores) expect(name).toMatch(/^churn_/);
  });

  it.each(['order_value_month', 'average_order_ratio', 'tenure_days', 'r'])(
    'is not %s, which moves without people moving, or is matched',
    (name) => {
      expect(names(features)).not.toContain(name);
    },
  );
});

describe('a snapshot of everybody', () => {
  const policy = policyOf({
    dimensions: [dimension('acquaintance', tag('old', when('tenure_days', 'at_least', 20)))],
  });
  const environment = environmentOf(policy, NO_POPULATION);
  const { features } = featuresNamed(['days_since_activity']);
  const wanted = { features, scores: [], dimensions: ['acquaintance'] };

  it('has each once, in one order everywhere, and merged ids not at all', () => {
    const columns = new PeopleColumns(wanted, policy, environment, NOW);
    const old = dimensionState(0, instant(0), NEVER, 1, NEVER);
    columns.add('ann', seenSince(plus(NOW, -30 * DAY_MS), [old]));
    const merged = seenSince(plus(NOW, -9 * DAY_MS));
    merged.windows.mergedInto = 'ann';
    columns.add('merged', merged);
    columns.add('bob', seenSince(plus(NOW, -1.5 * DAY_MS)));
    columns.add('unseen', newPerson());
    const { at, tenureDays, columns: read } = columns.snapshot();
    expect(at).toBe(NOW);
    expect([...Array.from(tenureDays)]).toEqual([30, 1.5, -Infinity]);
    expect(read).toEqual([
      { kind: 'feature', name: 'days_since_activity', values: Float32Array.of(30, 1.5, NaN) },
      { kind: 'segment', name: 'acquaintance', tags: ['old', 'none', 'none'] },
    ]);
  });

  it('grows with the people', () => {
    const columns = new PeopleColumns(wanted, policy, environment, NOW);
    for (let days = 0; days < 5000; days++) columns.add(String(days), seenSince(plus(NOW, -days * DAY_MS)));
    const [activity] = columns.snapshot().columns;
    expect(activity?.kind === 'feature' && Array.from(activity.values).every((value, i) => value === i)).toBe(
      true,
    );
  });

  it('has the scores somebody has, as scores', () => {
    const { features: scores } = featuresNamed(['days_since_activity', 'mean_order_gap_days']);
    const columns = new PeopleColumns({ ...wanted, features: [], scores }, policy, environment, NOW);
    columns.add('ann', seenSince(NOW));
    expect(columns.snapshot().columns.map(({ kind, name }) => [kind, name])).toEqual([
      ['score', 'days_since_activity'],
      ['segment', 'acquaintance'],
    ]);
  });
});
