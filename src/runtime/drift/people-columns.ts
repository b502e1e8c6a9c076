import { CATALOGUE, featureNamed } from '../../core/features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../core/features/feature.ts';
import type { Person } from '../../core/person.ts';
import { CHURN_INPUTS } from '../../core/scoring/churn/churn-inputs.ts';
import type { Snapshot } from '../../core/scoring/drift/drift-reference.ts';
import { featuresOf, NO_TAG, type Policy } from '../../core/tagging/policy.ts';
import { DAY_MS, type Instant } from '../../core/time.ts';
import { NumberColumn } from './number-column.ts';

/** What is looked at of everybody: columns by name, in a fixed order. */
export interface WantedColumns {
  readonly features: readonly Feature[];
  /** What models say of people, as features. */
  readonly scores: readonly Feature[];
  readonly dimensions: readonly string[];
}

/** They follow the day of the month, whoever people are. */
const CALENDAR: ReadonlySet<string> = new Set(['order_value_month', 'sale_value_month']);
/** People are compared with people of like tenure: there is nothing left of it to differ. */
const MATCHED: ReadonlySet<string> = new Set(['tenure_days']);

function movesByItself({ name, population }: Feature): boolean {
  return population || CALENDAR.has(name) || MATCHED.has(name);
}

/**
 * Every feature that the policy or the churn inputs read, in the order of the catalogue; of a score from 1 to 5 the feature
 * it is made of; and what models say of people as a number. Left out is what moves without people moving: features that are relative to the population's
 * last review (what they rest on is here itself), the calendar's, and tenure.
 */
export function columnsFor(policy: Policy): WantedColumns {
  const bases = new Map(policy.scores.map(({ name, feature }) => [name, feature.name]));
  const read = policy.dimensions.flatMap(({ tags }) => tags.flatMap(({ when }) => featuresOf(when)));
  const named = new Set([
    ...read.map(({ name }) => bases.get(name) ?? name),
    ...CHURN_INPUTS.flatMap(({ features }) => features),
  ]);
  return {
    features: CATALOGUE.filter(
      (feature) => named.has(feature.name) && feature.scored === undefined && !movesByItself(feature),
    ),
    scores: CATALOGUE.filter((feature) => feature.scored !== undefined && feature.unit === 'score'),
    dimensions: policy.dimensions.map(({ name }) => name),
  };
}

/** Features of the catalogue by name, and the names it does not have. */
export function featuresNamed(names: readonly string[]): {
  readonly features: readonly Feature[];
  readonly unknown: readonly string[];
} {
  return {
    features: names.flatMap((name) => featureNamed(name) ?? []),
    unknown: names.filter((name) => featureNamed(name) === undefined),
  };
}

/**
 * People at one instant, gathered one by one into the columns that drift is measured on. Their time must have come to that
 * instant. Numbers are kept as 32-bit floats: four bytes a person and column.
 */
export class PeopleColumns {
  private readonly tenure = new NumberColumn();
  private readonly numbers: readonly { readonly feature: Feature; readonly column: NumberColumn }[];
  private readonly tags: readonly { readonly dimension: number; readonly held: string[] }[];

  private readonly wanted: WantedColumns;
  private readonly policy: Policy;
  private readonly environment: FeatureEnvironment;
  private readonly at: Instant;

  constructor(wanted: WantedColumns, policy: Policy, environment: FeatureEnvironment, at: Instant) {
    this.wanted = wanted;
    this.policy = policy;
    this.environment = environment;
    this.at = at;
    const features = [...wanted.features, ...wanted.scores];
    this.numbers = features.map((feature) => ({ feature, column: new NumberColumn() }));
    this.tags = wanted.dimensions.map((wantedName) => {
      const dimension = policy.dimensions.findIndex(({ name }) => name === wantedName);
      if (dimension < 0) throw new Error(`no dimension ${wantedName} in ${policy.version}`);
      return { dimension, held: [] };
    });
  }

  /** Ids that were merged into another are nobody. */
  add(_personId: string, { windows, tags }: Person): void {
    if (windows.mergedInto !== '') return;
    this.tenure.push((this.at - windows.presence.firstAt) / DAY_MS);
    for (const { feature, column } of this.numbers)
      column.push(feature.read(windows, this.at, this.environment));
    for (const { dimension, held } of this.tags) {
      const tag = tags[dimension]?.tag ?? -1;
      held.push(this.policy.dimensions[dimension]?.tags[tag]?.name ?? NO_TAG);
    }
  }

  /** Scores that nobody has are left out: no model is in force. */
  snapshot(): Snapshot {
    const { features, dimensions } = this.wanted;
    const numbers = this.numbers.flatMap(({ feature: { name }, column: { values } }, i) => {
      const kind = i < features.length ? ('feature' as const) : ('score' as const);
      return kind === 'score' && values.every(Number.isNaN) ? [] : [{ kind, name, values }];
    });
    const tags = this.tags.map(({ held }, i) => ({
      kind: 'segment' as const,
      name: dimensions[i] ?? '',
      tags: held,
    }));
    return { at: this.at, tenureDays: this.tenure.values, columns: [...numbers, ...tags] };
  }
}
