import type { Feature, Operator, Test } from '../features/feature.ts';
import { rounded } from '../features/words.ts';
import type { ScoreRule } from '../scoring/score.ts';
import { NEVER, dateOf } from '../time.ts';
import { holds, type Sight, type Threshold } from './condition.ts';
import type { DimensionState } from './dimension-state.ts';
import { wholeOf, type Condition, type Dimension } from './policy.ts';

/** One thing to do, of those that bring a tag. */
export interface Need {
  readonly feature: string;
  /** null when the feature has no value for the person yet. */
  readonly value: number | null;
  readonly operator: Operator;
  readonly threshold: number;
  readonly words: string;
}

/** A tag a person would get by doing something, with the least that does it. */
export interface Way {
  readonly tag: string;
  readonly needs: readonly Need[];
}

interface Wish extends Need {
  readonly about: Feature;
  /** Any fact of the kind will do, whatever its size. */
  readonly isAnyFact: boolean;
  /** How far off; to choose between alternatives. */
  readonly distance: number;
}

const INVERSE: Readonly<Record<Operator, Operator>> = {
  at_least: 'below',
  above: 'at_most',
  at_most: 'above',
  below: 'at_least',
};

/**
 * The tags of higher precedence that a person could bring about by doing something, nearest first, each with the
 * smallest change. What only time or somebody else can bring is not among them. From a tag that any act of the
 * person ends (silence brought it), the ways lead to the tags below.
 */
export function waysFrom(
  dimension: Dimension,
  state: DimensionState,
  scores: readonly ScoreRule[],
  sight: Sight,
): Way[] {
  const { tags } = dimension;
  const present = tags[state.tag];
  const ways: Way[] = [];
  for (let i = (present === undefined ? tags.length : state.tag) - 1; i >= 0; i--) {
    const tag = tags[i];
    const wishes = tag && wishesFor(wholeOf(dimension, tag), true, 'enter', scores, sight);
    if (tag !== undefined && wishes !== undefined && wishes.length > 0) ways.push(wayTo(tag.name, wishes));
  }
  const ending = present && wishesFor(wholeOf(dimension, present), false, 'keep', scores, sight);
  if (ways.length > 0 || ending === undefined) return ways;
  for (const tag of tags.slice(state.tag + 1)) {
    const wishes = wishesFor(wholeOf(dimension, tag), true, 'enter', scores, sight);
    if (wishes !== undefined) ways.unshift(wayTo(tag.name, [...wishes, ...ending]));
    if (wishes?.length === 0) break;
  }
  return ways;
}

function wayTo(tag: string, wishes: readonly Wish[]): Way {
  const sized = wishes.filter((wish) => !wish.isAnyFact);
  const covered = (wish: Wish): boolean =>
    wish.isAnyFact &&
    sized.some(({ about }) =>
      wish.about.reads.every((part) => part === 'presence' || about.reads.includes(part)),
    );
  const needs = wishes.filter((wish) => !covered(wish));
  return {
    tag,
    needs: needs
      .filter((need, i) => needs.findIndex(({ words }) => words === need.words) === i)
      .map(({ feature, value, operator, threshold, words }) => ({
        feature,
        value,
        operator,
        threshold,
        words,
      })),
  };
}

/** The least to do so that the condition answers `wanted`; undefined when doing does not bring it. */
function wishesFor(
  condition: Condition,
  wanted: boolean,
  threshold: Threshold,
  scores: readonly ScoreRule[],
  sight: Sight,
): Wish[] | undefined {
  if (holds(condition, threshold, sight) === wanted) return [];
  if (condition.kind === 'test') {
    const { operator, value } = condition[threshold];
    const wish = wishFor(
      condition.feature,
      { operator: wanted ? operator : INVERSE[operator], value },
      scores,
      sight,
    );
    return wish === undefined ? undefined : [wish];
  }
  if (condition.kind === 'not') {
    return wishesFor(condition.of, !wanted, threshold === 'enter' ? 'keep' : 'enter', scores, sight);
  }
  const parts = condition.of.map((part) => wishesFor(part, wanted, threshold, scores, sight));
  if ((condition.kind === 'all') === wanted) {
    return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
  }
  return parts
    .filter((part) => part !== undefined)
    .sort((a, b) => a.length - b.length || together(a) - together(b))[0];
}

function together(wishes: readonly Wish[]): number {
  return wishes.reduce((sum, { distance }) => sum + distance, 0);
}

/** How many acts away for counts; anything else counts as one act and how much of it is missing. */
function distanceOf({ unit }: Feature, { value: limit }: Test, value: number): number {
  const gap = Math.abs(limit - value);
  return unit === 'count' ? gap : 1 + gap / Math.max(1, Math.abs(limit));
}

function wishFor(feature: Feature, test: Test, scores: readonly ScoreRule[], sight: Sight): Wish | undefined {
  const score = scores.find(({ name }) => name === feature.name);
  if (score !== undefined) return wishForScore(score, test, scores, sight);
  // What a model makes of somebody is nothing to do.
  if (feature.scored !== undefined) return undefined;
  const value = feature.read(sight.windows, sight.now, sight.environment);
  const rises = test.operator === 'at_least' || test.operator === 'above';
  const words =
    feature.age === true && !rises
      ? againWords(feature)
      : feature.age !== true && rises
        ? moreWords(feature, value, test, sight)
        : undefined;
  if (words === undefined) return undefined;
  return {
    feature: feature.name,
    value: Number.isFinite(value) ? value : null,
    operator: test.operator,
    threshold: test.value,
    words,
    about: feature,
    isAnyFact: feature.age === true,
    distance: distanceOf(feature, test, Number.isFinite(value) ? value : 0),
  };
}

/** A score is reached through the number it is made from. */
function wishForScore(
  { feature, better, by, name }: ScoreRule,
  { operator, value }: Test,
  scores: readonly ScoreRule[],
  sight: Sight,
): Wish | undefined {
  const cuts = by === 'quantiles' ? sight.environment.cuts[name] : by.bands;
  const least =
    operator === 'at_least' ? Math.ceil(value) : operator === 'above' ? Math.floor(value) + 1 : NaN;
  const cut = cuts?.[least - 2];
  if (cut === undefined) return undefined;
  return wishFor(
    feature,
    { operator: better === 'higher' ? 'at_least' : 'at_most', value: cut },
    scores,
    sight,
  );
}

const SINCE_LAST = /^(?:days|hours) since the last (?:completed )?/;

/** Time since the last of something is made short by doing it again. */
function againWords(feature: Feature): string | undefined {
  if (!SINCE_LAST.test(feature.about)) return undefined;
  const what = feature.about.replace(SINCE_LAST, '').replace(/ \(.*\)$/, '');
  return what.startsWith('own act') ? what.replace('own act', 'one act') : `one new ${what}`;
}

function moreWords(feature: Feature, value: number, { operator, value: limit }: Test, sight: Sight): string {
  const { windows, now, environment } = sight;
  const has = Number.isFinite(value) && value > 0;
  if (feature.unit === 'count') {
    const gap = (operator === 'above' ? Math.floor(limit) + 1 : Math.ceil(limit)) - (has ? value : 0);
    const words = feature
      .words(gap, windows, environment)
      .replace(/^(\S+)/, has ? '$1 more' : '$1')
      .replace(' in the last ', ' within ')
      .replace(/ (?:in all|ever)$/, '');
    const lapsesAt = has
      ? feature.flipsAt(windows, now, environment, { operator: 'at_least', value })
      : NEVER;
    return lapsesAt === NEVER
      ? words
      : `${words}, by ${dateOf(lapsesAt)}, when one of those that count now lapses`;
  }
  const unit = feature.unit === 'money' ? ` ${environment.currency}` : '';
  const present = Number.isFinite(value) ? `now ${rounded(value)}` : 'none yet';
  return `a ${feature.about.replace(/, .*$/, '')} of ${operator === 'above' ? 'more than' : 'at least'} ${rounded(limit)}${unit} (${present})`;
}
