import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/events/fact.ts';
import type { Dimension } from '../../src/core/tagging/policy.ts';
import { DAY_MS, HOUR_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { LivedPerson, periodOf } from '../support/lived-person.ts';
import { dimension, ladder, not, policyOf, tag, when } from '../support/test-policy.ts';

/** Levels of one number, item views of seven days; the first is the highest. */
interface Level {
  readonly name: string;
  readonly enter: number;
  readonly keep: number;
  readonly dwellDays: number;
  readonly graceDays: number;
}

const START = instant(Date.UTC(2024, 4, 1));
const WINDOW_MS = 7 * DAY_MS;

const levels: fc.Arbitrary<readonly Level[]> = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 4 }),
      band: fc.integer({ min: 0, max: 3 }),
      dwellDays: fc.constantFrom(0, 0, 1, 3, 9),
      graceDays: fc.constantFrom(0, 0, 1, 2, 8),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps) => {
    let enter = 0;
    const rising = steps.map(({ step, band, dwellDays, graceDays }, i) => {
      enter += step;
      return { name: `level-${i}`, enter, keep: Math.max(1, enter - band), dwellDays, graceDays };
    });
    return rising.reverse();
  });

/** Views in runs and with gaps of about the lengths that matter, so that the number walks over all thresholds. */
const walks = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 1, 2, 12, 24, 60, 168, 170), fc.integer({ min: 0, max: 90 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((gaps) => {
    let at = START;
    return gaps.map(([hours, minutes]) => (at = plus(at, hours * HOUR_MS + minutes * 60_000)));
  });

describe('a walk over the thresholds', () => {
  it('gives what a naive reading of the rules gives: bands, dwell, grace', () => {
    fc.assert(
      fc.property(levels, walks, (rules, views) => {
        expect(tagsAlong(dimensionOf(rules, false), views)).toEqual(
          naiveTags(rules, false, views).map(([at, name]) => [at, name]),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('gives what a naive reading of the rules gives on a ladder', () => {
    // A level that holds nobody for any time is passed within one instant, which a list of standings cannot tell.
    const lasting = levels.map((rules) =>
      rules.map((rule) => ({ ...rule, graceDays: Math.max(1, rule.graceDays) })),
    );
    fc.assert(
      fc.property(lasting, walks, (rules, views) => {
        expect(tagsAlong(dimensionOf(rules, true), views)).toEqual(
          naiveTags(rules, true, views).map(([at, name]) => [at, name]),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('gives nobody a tag whom the dimension is not about, at once, whatever dwell and grace', () => {
    fc.assert(
      fc.property(levels, walks, fc.integer({ min: 1, max: 8 }), (rules, views, least) => {
        const among = when('item_views_7d', 'at_least', least);
        expect(tagsAlong({ ...dimensionOf(rules, false), among }, views)).toEqual(
          naiveTags(rules, false, views, { letsIn: (value) => value >= least }).map(([at, name]) => [
            at,
            name,
          ]),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('lets people in when time makes the dimension be about them, and keeps who has a tag by its exit bound', () => {
    const quiet = fc.record({
      days: fc.integer({ min: 1, max: 6 }),
      keepDays: fc.integer({ min: 0, max: 6 }),
      isNegated: fc.boolean(),
    });
    fc.assert(
      fc.property(levels, walks, quiet, (rules, views, { days, keepDays, isNegated }) => {
        const keep = isNegated ? days : Math.min(days, keepDays);
        const among = isNegated
          ? not(when('days_since_item_view', 'below', days))
          : when('days_since_item_view', 'at_least', days, keep);
        const about = {
          letsIn: (_: number, silentDays: number) => silentDays >= days,
          keeps: (_: number, silentDays: number) => silentDays >= keep,
          days,
        };
        expect(tagsAlong({ ...dimensionOf(rules, false), among }, views)).toEqual(
          naiveTags(rules, false, views, about).map(([at, name]) => [at, name]),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('goes down only below the band, up only above it, and never before the dwell is over', () => {
    fc.assert(
      fc.property(levels, walks, (rules, views) => {
        const moves = tagsAlong(dimensionOf(rules, false), views);
        const values = naiveTags(rules, false, views).map(([, , value]) => value);
        let [from, since] = [rules.length, -Infinity];
        moves.forEach(([at, name], i) => {
          const [to, value] = [rankOf(rules, name), values[i] ?? NaN];
          const [left, entered] = [rules[from], rules[to]];
          if (to > from) expect(value).toBeLessThan(left?.keep ?? NaN);
          if (entered !== undefined) expect(value).toBeGreaterThanOrEqual(entered.enter);
          expect(at - since).toBeGreaterThanOrEqual((left?.dwellDays ?? 0) * DAY_MS);
          [from, since] = [to, at];
        });
      }),
      { numRuns: 500 },
    );
  });
});

type Standing = readonly [at: Instant, tag: string];
type Move = readonly [...Standing, value: number];

function dimensionOf(rules: readonly Level[], isLadder: boolean): Dimension {
  const tags = rules.map(({ name, enter, keep, dwellDays, graceDays }) =>
    tag(name, when('item_views_7d', 'at_least', enter, keep), dwellDays, graceDays),
  );
  return isLadder ? ladder('levels', ...tags) : dimension('levels', ...tags);
}

function tagsAlong(of: Dimension, views: readonly Instant[]): Standing[] {
  const period = periodOf(policyOf({ dimensions: [of] }));
  const life = new LivedPerson('ada');
  views.forEach((at, key) => {
    const fact: Fact = { type: 'act', key, at, own: true, act: 'view', value: 0, mark: false };
    life.take(fact, at, period);
  });
  life.pass(plus(views.at(-1) ?? START, 100 * DAY_MS), period);
  return life.transitions.map(({ to, effectiveAt }) => [effectiveAt, to]);
}

/** Whom a dimension is about, by item views of seven days and days since the latest; `days`: when that can change. */
interface About {
  readonly letsIn: (value: number, silentDays: number) => boolean;
  readonly keeps?: (value: number, silentDays: number) => boolean;
  readonly days?: number;
}

/**
 * The rules said once more, minute by minute of a list of all instants at which anything can begin or end. Instants
 * of silence come before the views of the same instant, which come one after the other.
 */
function naiveTags(
  rules: readonly Level[],
  isLadder: boolean,
  views: readonly Instant[],
  about: About = { letsIn: () => true },
): Move[] {
  const moves: Move[] = [];
  let tagged = rules.length;
  let since = -Infinity;
  let failingSince = Infinity;
  const ageing = new Set<number>(
    views.flatMap((view) => [view + WINDOW_MS, view + (about.days ?? 0) * DAY_MS]),
  );
  const pending = [...ageing].sort((a, b) => a - b);
  let heard = 0;

  const look = (now: Instant, value: number): void => {
    const present = rules[tagged];
    const silentDays = (now - (views[heard - 1] ?? -Infinity)) / DAY_MS;
    const asks = present === undefined ? about.letsIn : (about.keeps ?? about.letsIn);
    if (!asks(value, silentDays)) {
      if (present !== undefined) enterTag(rules.length, now, value);
      return;
    }
    const free = present === undefined || now >= since + present.dwellDays * DAY_MS;
    const higher = rules.findIndex(({ enter }, i) => i < tagged && value >= enter);
    if (free && higher !== -1) return enterTag(higher, now, value);
    if (present === undefined) return;
    if (value >= present.keep) {
      failingSince = Infinity;
      return;
    }
    failingSince = Math.min(failingSince, now);
    wake(Math.max(since + present.dwellDays * DAY_MS, failingSince + present.graceDays * DAY_MS));
    if (!free || now < failingSince + present.graceDays * DAY_MS) return;
    const lower = isLadder
      ? Math.min(tagged + 1, rules.length)
      : rules.findIndex(({ enter }, i) => i > tagged && value >= enter);
    enterTag(lower === -1 ? rules.length : lower, now, value);
  };
  const enterTag = (next: number, now: Instant, value: number): void => {
    tagged = next;
    since = now;
    failingSince = Infinity;
    moves.push([now, rules[next]?.name ?? 'none', value]);
    wake(now + (rules[next]?.dwellDays ?? 0) * DAY_MS);
    look(now, value);
  };
  const wake = (at: number): void => {
    if (pending.includes(at)) return;
    pending.push(at);
    pending.sort((a, b) => a - b);
  };

  const end = (views.at(-1) ?? START) + 100 * DAY_MS;
  for (;;) {
    const silent = pending[0] ?? Infinity;
    const view = views[heard] ?? Infinity;
    const now = instant(Math.min(silent, view));
    if (now > end) return moves;
    if (silent <= view) pending.shift();
    else heard += 1;
    look(now, views.slice(0, heard).filter((one) => one > now - WINDOW_MS).length);
  }
}

function rankOf(rules: readonly Level[], name: string): number {
  const rank = rules.findIndex((rule) => rule.name === name);
  return rank === -1 ? rules.length : rank;
}
