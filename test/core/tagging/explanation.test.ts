import { describe, expect, it } from 'vitest';
import { sightOf } from '../../../src/core/person.ts';
import { explain } from '../../../src/core/tagging/explanation.ts';
import { NO_STATE } from '../../../src/core/tagging/dimension-state.ts';
import type { Dimension } from '../../../src/core/tagging/policy.ts';
import { scoreFeature, type ScoreRule } from '../../../src/core/scoring/score.ts';
import { DAY_MS, instant, plus, type Instant } from '../../../src/core/time.ts';
import type { Fact } from '../../../src/core/events/fact.ts';
import { LivedPerson, periodOf } from '../../support/lived-person.ts';
import { all, any, dimension, featureOf, not, policyOf, tag, when } from '../../support/test-policy.ts';

const START = instant(Date.UTC(2025, 0, 1));
const day = (days: number): Instant => plus(START, days * DAY_MS);

function view(key: number, at: Instant): Fact {
  return { type: 'act', act: 'view', key, at, own: true, value: 0, mark: false };
}

/** What is explained of somebody who viewed items on these days, at `now`. */
function explained(
  rule: Dimension,
  viewDays: readonly number[],
  now: Instant,
  scores: readonly ScoreRule[] = [],
) {
  const policy = policyOf({ dimensions: [rule], scores });
  const period = periodOf(policy);
  const lived = new LivedPerson('p');
  viewDays.forEach((at, i) => lived.take(view(i + 1, day(at)), day(at), period));
  lived.pass(now, period);
  return explain(rule, lived.person.tags[0] ?? NO_STATE, scores, sightOf(lived.person, now, period));
}

const ALIVE = dimension(
  'alive',
  tag('silent', all(when('item_views_total', 'at_least', 1), when('days_since_activity', 'at_least', 10))),
  tag('keen', when('item_views_30d', 'at_least', 4, 2), 0, 5),
  tag('present', when('item_views_total', 'at_least', 1)),
);

describe('an explanation', () => {
  it('says since when and why, what comes next, and the smallest change', () => {
    const told = explained(ALIVE, [0, 3], day(5));
    expect(told).toMatchObject({ tag: 'present', since: day(0), failing: undefined });
    expect(told.reasons.map(({ words }) => words)).toEqual([
      '2 item views ever; the rule asks for at least 1',
    ]);
    expect(told.next).toMatchObject({ at: day(13), tag: 'silent' });
    expect(told.next?.reasons.map(({ feature }) => feature)).toEqual([
      'item_views_total',
      'days_since_activity',
    ]);
    expect(told.ways).toEqual([
      {
        tag: 'keen',
        needs: [
          {
            ...{ feature: 'item_views_30d', value: 2, operator: 'at_least', threshold: 4 },
            words: '2 more item views within 30 days, by 2025-01-31, when one of those that count now lapses',
          },
        ],
      },
    ]);
  });

  it('says what is enough to stay, and until when patience lasts', () => {
    const kept = explained(ALIVE, [0, 1, 2, 3], day(4));
    expect(kept).toMatchObject({ tag: 'keen', failing: undefined });
    const often = dimension('often', tag('keen', when('item_views_7d', 'at_least', 4, 2), 0, 5));
    const banded = explained(often, [0, 1, 2, 3], day(9));
    expect(banded).toMatchObject({ tag: 'keen', failing: { until: day(14) } });
    expect(banded.failing?.reasons[0]).toMatchObject({ value: 1, threshold: 2, passes: false });
    expect(banded.next).toMatchObject({ at: day(14), tag: 'none' });
  });

  it('says nothing of a bound that keeps whoever was let in, unless there is nothing else to say', () => {
    const age = when('days_since_item_view', 'at_least', 2, 0);
    const aged = dimension('aged', tag('viewer', all(when('item_views_total', 'at_least', 1), age)));
    expect(explained(aged, [0], day(3)).reasons.map(({ feature }) => feature)).toEqual([
      'item_views_total',
      'days_since_item_view',
    ]);
    const again = explained(aged, [0, 3], day(4));
    expect(again).toMatchObject({ tag: 'viewer', since: day(2) });
    expect(again.reasons.map(({ feature }) => feature)).toEqual(['item_views_total']);
    const alone = explained(dimension('alone', tag('viewer', age)), [0, 3], day(4));
    expect(alone.reasons.map(({ feature }) => feature)).toEqual(['days_since_item_view']);
  });

  it('shows the way out of what silence brought, and none to what only time brings', () => {
    const told = explained(ALIVE, [0], day(20));
    expect(told.tag).toBe('silent');
    expect(told.next).toBeUndefined();
    expect(told.ways.map((way) => way.tag)).toEqual(['present', 'keen']);
    expect(told.ways[0]?.needs.map(({ words }) => words)).toEqual(['one act of any kind']);
    expect(told.ways[1]?.needs.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^3 more item views within 30 days/),
    ]);
  });

  it('of alternatives takes the nearest, and sees through "not" and scores', () => {
    const score: ScoreRule = {
      name: 'v',
      feature: featureOf('item_views_90d'),
      better: 'higher',
      by: { bands: [2, 5, 10, 20] },
    };
    const rule = dimension(
      'mixed',
      tag('never', not(when('item_views_total', 'at_least', 0))),
      tag(
        'best',
        all(when(scoreFeature(score), 'at_least', 3), not(when('days_since_search', 'at_least', 0))),
      ),
      tag('some', any(when('item_views_90d', 'at_least', 40), when('searches_90d', 'at_least', 1))),
    );
    const told = explained(rule, [0, 1], day(2), [score]);
    expect(told.tag).toBe('none');
    expect(told.ways.map(({ tag: name, needs }) => [name, needs.map(({ words }) => words)])).toEqual([
      ['some', ['1 search within 90 days']],
      ['best', [expect.stringMatching(/^3 more item views within 90 days/)]],
    ]);
  });

  it('of somebody without a tag says so', () => {
    const told = explained(dimension('x', tag('far', when('searches_total', 'at_least', 1))), [0], day(1));
    expect(told).toMatchObject({ tag: 'none', since: undefined, reasons: [], next: undefined });
    expect(told.ways).toMatchObject([{ tag: 'far', needs: [{ words: '1 search' }] }]);
  });
});
