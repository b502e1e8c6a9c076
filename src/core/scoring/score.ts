import { steppedFeature, type Feature, type FeatureEnvironment } from '../features/feature.ts';
import { NEVER, earliest } from '../time.ts';

/** How a feature becomes a score from 1 (worst) to 5 (best). */
export interface ScoreRule {
  readonly name: string;
  readonly feature: Feature;
  readonly better: 'higher' | 'lower';
  /** Thresholds in the order of the scores 2, 3, 4, 5, or live population quantiles frozen per review period. */
  readonly by: { readonly bands: readonly number[] } | 'quantiles';
}

const ANY_VALUE = { at_least: -Infinity, at_most: Infinity } as const;

/**
 * The score as a feature of its own, so that conditions, reasons and flips treat it like any other. A value
 * on a cut point has the better score. NaN while the base feature or the cut points do not exist.
 */
export function scoreFeature(rule: ScoreRule): Feature {
  const { feature, name } = rule;
  const operator = rule.better === 'higher' ? 'at_least' : 'at_most';
  const cutsOf = (environment: FeatureEnvironment): readonly number[] | undefined =>
    rule.by === 'quantiles' ? environment.cuts[name] : rule.by.bands;
  const stepped = steppedFeature(
    {
      name,
      unit: 'score',
      about: `${feature.about}, as a score from 1 to 5`,
      reads: feature.reads,
      population: rule.by === 'quantiles' || feature.population,
      words: (value, windows, environment) => {
        const at = windows.clock;
        const base = feature.words(feature.read(windows, at, environment), windows, environment);
        return Number.isNaN(value)
          ? `no ${name} score yet`
          : `${name.replace('_', ' ').toUpperCase()} ${value} of 5 (${base})`;
      },
    },
    (windows, now, environment) => {
      const value = feature.read(windows, now, environment);
      const cuts = cutsOf(environment);
      if (cuts === undefined || Number.isNaN(value)) return NaN;
      let score = 1;
      for (const cut of cuts) if (rule.better === 'higher' ? value >= cut : value <= cut) score++;
      return score;
    },
    (windows, now, environment) => {
      let at = NEVER;
      // The last threshold is passed by every value but none: the score comes and goes with the value.
      for (const value of [...(cutsOf(environment) ?? []), ANY_VALUE[operator]])
        at = earliest(at, feature.flipsAt(windows, now, environment, { operator, value }));
      return at;
    },
  );
  return {
    ...stepped,
    // A score reaches `least` exactly when the value passes one cut point: no need to step through the others.
    flipsAt(windows, now, environment, test) {
      const inclusive = test.operator === 'at_least' || test.operator === 'below';
      const least = inclusive ? Math.ceil(test.value) : Math.floor(test.value) + 1;
      const cut = cutsOf(environment)?.[least - 2];
      const comesOrGoes = feature.flipsAt(windows, now, environment, {
        operator,
        value: ANY_VALUE[operator],
      });
      if (cut === undefined) return comesOrGoes;
      return earliest(comesOrGoes, feature.flipsAt(windows, now, environment, { operator, value: cut }));
    },
  };
}
