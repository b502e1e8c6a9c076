import { NEVER, type Instant } from '../time.ts';
import type { Feature, FeatureEnvironment, Unit } from './feature.ts';
import type { PersonScores } from './person-scores.ts';
import type { PersonWindows } from './person-windows.ts';

/** The scores that hold at an instant not before the latest fact: those kept, or what is foreseen in silence. */
function scoresAt(
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
): PersonScores | undefined {
  const { scores } = windows;
  if (scores === undefined || now < scores.nextAt) return scores;
  return environment.scoresAhead?.(windows, now).findLast(({ at }) => at <= now) ?? scores;
}

function nextScoresAt(windows: PersonWindows, now: Instant, environment: FeatureEnvironment): Instant {
  const nextAt = scoresAt(windows, now, environment)?.nextAt ?? NEVER;
  return nextAt > now ? nextAt : NEVER;
}

function scoreFeature(
  scored: 'churn' | 'value' | 'style',
  name: string,
  unit: Unit,
  about: string,
  valueOf: (scores: PersonScores) => number,
  words: (value: number) => string,
): Feature {
  return {
    name,
    unit,
    about,
    reads: [],
    population: false,
    scored,
    read(windows, now, environment) {
      const scores = scoresAt(windows, now, environment);
      return scores === undefined ? NaN : valueOf(scores);
    },
    // Whether the next scores pass the test is not asked: that would cost a model's answer for every due.
    flipsAt: nextScoresAt,
    words,
  };
}

function churnFeature(days: 30 | 90): Feature {
  return scoreFeature(
    'churn',
    `churn_${days}d`,
    'score',
    `risk of not ordering within the next ${days} days, 0 to 100, by the churn model in force`,
    ({ churn30, churn90 }) => Math.round(100 * (days === 30 ? churn30 : churn90)),
    (value) =>
      Number.isNaN(value)
        ? 'no churn score: never ordered'
        : `risk of not ordering within ${days} days: ${value} of 100`,
  );
}

function segmentFeature(
  name: string,
  kind: 'value' | 'style',
  segmentOf: (scores: PersonScores) => string,
): Feature {
  const spoken = name.replace('_', ' ');
  return scoreFeature(
    kind,
    `${kind === 'value' ? 'segment' : 'style'}_${name}`,
    'count',
    `1 for who is in the ${kind} group “${spoken}” of the segment model in force, 0 for who is in another`,
    (scores) => (segmentOf(scores) === '' ? NaN : segmentOf(scores) === name ? 1 : 0),
    (value) => {
      if (Number.isNaN(value)) return `in no ${kind} group`;
      return value === 1
        ? `nearest to the ${kind} group “${spoken}”`
        : `not in the ${kind} group “${spoken}”`;
    },
  );
}

const VALUE_GROUPS = ['high_value', 'potential', 'dormant', 'ordinary'] as const;
const STYLE_GROUPS = ['trend_follower', 'collector', 'socialite'] as const;

export const CHURN_FEATURES: readonly Feature[] = [churnFeature(30), churnFeature(90)];

/** What models say of a person, as features: so that policies, reasons and dues treat it like any other number. */
export const SCORE_FEATURES: readonly Feature[] = [
  ...CHURN_FEATURES,
  ...VALUE_GROUPS.map((name) => segmentFeature(name, 'value', ({ valueSegment }) => valueSegment)),
  ...STYLE_GROUPS.map((name) => segmentFeature(name, 'style', ({ style }) => style)),
];
