import { featureNamed } from '../../core/features/catalogue.ts';
import type { Feature } from '../../core/features/feature.ts';
import { scoreFeature, type ScoreRule } from '../../core/scoring/score.ts';
import type { Condition, Dimension, Policy, TestCondition, TriggerRule } from '../../core/tagging/policy.ts';
import { contentHash } from './policy-hash.ts';
import type { ConditionSource, PolicySource, TestSource } from './policy-schema.ts';
import { OPERATORS, durationMs, utcOffsetMs } from './policy-words.ts';

/**
 * The policy as the core runs it. Scores, dimensions and triggers are in the order of their names, so that
 * files of one version also agree in the positions that states and counters refer to. The source has passed
 * every check; what is missing here is a bug.
 */
export function compilePolicy(source: PolicySource): Policy {
  const scores = byName(source.scores).map(([name, score]): ScoreRule => {
    const { better, bands } = score;
    return {
      name,
      feature: demanded(featureNamed(score.feature)),
      better,
      by: bands === undefined ? 'quantiles' : { bands },
    };
  });
  const scoreFeatures = new Map(scores.map((rule) => [rule.name, scoreFeature(rule)]));
  const featureOf = (name: string): Feature => demanded(scoreFeatures.get(name) ?? featureNamed(name));
  const content = {
    name: source.name,
    currency: source.currency,
    rates: Object.fromEntries(byName(source.rates ?? {})),
    utcOffsetMs: utcOffsetMs(source.utc_offset),
    reviewEvery: source.review_every,
    scores,
    dimensions: byName(source.dimensions).map(([name, { about, side, ladder, among, tags }]): Dimension => ({
      name,
      about: about ?? '',
      side,
      ladder: ladder ?? false,
      among: among && compileCondition(among, featureOf),
      tags: Object.entries(tags).map(([tag, { about: aboutTag, when, dwell, grace }]) => ({
        name: tag,
        about: aboutTag ?? '',
        when: compileCondition(when, featureOf),
        dwellMs: dwell === undefined ? 0 : durationMs(dwell),
        graceMs: grace === undefined ? 0 : durationMs(grace),
      })),
    })),
    triggers: byName(source.triggers ?? {}).map(([name, { about, on, cooldown, action }]): TriggerRule => ({
      name,
      about: about ?? '',
      dimension: on.dimension,
      to: on.to,
      from: [...new Set(on.from)].sort(),
      cooldownMs: durationMs(cooldown),
      action,
    })),
  } satisfies Omit<Policy, 'version'>;
  return { ...content, version: `${source.name}@${source.version}-${contentHash(content)}` };
}

function compileCondition(source: ConditionSource, featureOf: (name: string) => Feature): Condition {
  const [key = '', value] = Object.entries(source).find(([, stated]) => stated !== undefined) ?? [];
  switch (key) {
    case 'all':
    case 'any':
      return {
        kind: key,
        of: (value as readonly ConditionSource[]).map((part) => compileCondition(part, featureOf)),
      };
    case 'not':
      return { kind: 'not', of: compileCondition(value as ConditionSource, featureOf) };
    default:
      return compileTest(featureOf(key), value as TestSource);
  }
}

/** `until_below: 2` says that 2 still keeps, whether the entry is at 3 or above it. */
function compileTest(feature: Feature, source: TestSource): TestCondition {
  const operator = demanded(OPERATORS.find((one) => source[one] !== undefined));
  const enter = { operator, value: demanded(source[operator]) };
  const keep =
    source.until_below !== undefined
      ? ({ operator: 'at_least', value: source.until_below } as const)
      : source.until_above !== undefined
        ? ({ operator: 'at_most', value: source.until_above } as const)
        : enter;
  return { kind: 'test', feature, enter, keep };
}

function byName<T>(table: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
}

function demanded<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a policy passed its checks and cannot be compiled');
  return value;
}
