import { describe, expect, it } from 'vitest';
import {
  sizeChangeFindings,
  splitSizeChanges,
  type TagMove,
} from '../../../../src/core/scoring/drift/size-changes.ts';
import { instant } from '../../../../src/core/time.ts';

function moves(cause: string, from: string, to: string, count: number): TagMove[] {
  return Array.from({ length: count }, () => ({ dimension: 'buyer_class', from, to, cause }));
}

describe('a change of sizes', () => {
  const before = { buyer_class: { active: 100, dormant: 50 } };
  const after = { buyer_class: { active: 87, dormant: 61, regular: 6 } };
  const changes = splitSizeChanges(before, after, [
    ...moves('time', 'active', 'dormant', 20),
    ...moves('event', 'dormant', 'active', 9),
    ...moves('refund', 'active', 'none', 1),
    ...moves('event', 'none', 'active', 5),
    ...moves('policy', 'active', 'regular', 6),
    ...moves('late_event', 'dormant', 'active', 2),
    ...moves('model', 'active', 'dormant', 1),
    ...moves('refit', 'active', 'dormant', 3),
    ...moves('population', 'dormant', 'active', 2),
  ]);

  it('is told cause by cause', () => {
    expect(changes.map(({ tag, causes }) => [tag, causes])).toEqual([
      [
        'active',
        {
          people_moved: 13,
          time_passed: -20,
          rule_edited: -6,
          late_data: 2,
          model_replaced: -1,
          centroids_moved: -3,
          population: 2,
        },
      ],
      [
        'dormant',
        {
          people_moved: -9,
          time_passed: 20,
          late_data: -2,
          model_replaced: 1,
          centroids_moved: 3,
          population: -2,
        },
      ],
      ['regular', { rule_edited: 6 }],
    ]);
  });

  it('is the same whether moves are told one by one or counted', () => {
    const [active] = splitSizeChanges({}, { buyer_class: { active: 3 } }, [
      { dimension: 'buyer_class', from: 'none', to: 'active', cause: 'event', people: 4 },
      { dimension: 'buyer_class', from: 'active', to: 'none', cause: 'time' },
    ]);
    expect(active?.causes).toEqual({ people_moved: 4, time_passed: -1 });
  });

  it('says what no move accounts for, and what it does not know', () => {
    const [change] = splitSizeChanges({ tier: { gold: 10 } }, { tier: { gold: 8 } }, [
      { dimension: 'tier', from: 'none', to: 'gold', cause: 'override' },
    ]);
    expect(change?.causes).toEqual({ other: 1, not_told: -3 });
  });

  it('takes tags by their names, whatever they are', () => {
    const [change] = splitSizeChanges({}, { tier: { constructor: 1 } }, []);
    expect(change).toEqual({
      dimension: 'tier',
      tag: 'constructor',
      before: 0,
      after: 1,
      causes: { not_told: 1 },
    });
  });

  it('makes rows that nothing is tested by', () => {
    const [active] = sizeChangeFindings(changes, instant(5));
    expect(active?.test).toBeUndefined();
    expect(active?.row).toMatchObject({
      measured_at: 5,
      kind: 'segment_size',
      name: 'buyer_class',
      stratum: 'active',
      n_reference: 100,
      n_current: 87,
      psi: null,
    });
  });
});
