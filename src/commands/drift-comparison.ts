import type { Snapshot } from '../core/scoring/drift/drift-reference.ts';
import { DEFAULT_DRIFT_SETTINGS, leastPeople } from '../core/scoring/drift/drift-settings.ts';
import type { Policy } from '../core/tagging/policy.ts';
import { CHURN_INPUTS } from '../core/scoring/churn/churn-inputs.ts';
import { TidemarkError } from '../errors.ts';
import { BuyerColumns } from '../runtime/drift/churn-columns.ts';
import { columnsFor, featuresNamed, PeopleColumns } from '../runtime/drift/people-columns.ts';
import type { RowScorer } from '../runtime/drift/row-scores.ts';
import type { FolderState, Gathering } from './drift-people.ts';
import type { NamedReference } from './drift-reference.ts';

const LEAST_PEOPLE = leastPeople(DEFAULT_DRIFT_SETTINGS);

/** Gathers the very columns that the reference has. Throws `DRIFT_INCOMPARABLE` naming those there are no more. */
export function gatheringFor(
  reference: NamedReference,
  { policy, environment, clock }: FolderState,
  scorer?: RowScorer,
): Gathering & { snapshot(): Snapshot } {
  if (reference.of === 'churn') {
    const inputs = new Set(CHURN_INPUTS.map(({ name }) => name));
    refuseUnknown(
      reference,
      namesOf(reference, 'feature').filter((name) => !inputs.has(name)),
    );
    return new BuyerColumns(environment, clock, scorer);
  }
  const features = featuresNamed(namesOf(reference, 'feature'));
  // Scores there are no more, or that nobody has, are left out of the comparison, and told.
  const scores = featuresNamed(namesOf(reference, 'score'));
  const dimensions = namesOf(reference, 'segment');
  const known = new Set(policy.dimensions.map(({ name }) => name));
  refuseUnknown(reference, [...features.unknown, ...dimensions.filter((name) => !known.has(name))]);
  const wanted = { features: features.features, scores: scores.features, dimensions };
  return new PeopleColumns(wanted, policy, environment, clock);
}

/** The reference without the scores that the people of now do not have: another catalogue, or no model in force. */
export function withoutMissingScores(
  reference: NamedReference,
  { columns }: Snapshot,
): { readonly reference: NamedReference; readonly unscored: readonly string[] } {
  const scored = new Set(columns.flatMap(({ kind, name }) => (kind === 'score' ? [name] : [])));
  const { measures } = reference.reference;
  const kept = measures.filter(({ kind, name }) => kind !== 'score' || scored.has(name));
  return {
    reference: { ...reference, reference: { ...reference.reference, measures: kept } },
    unscored: measures.flatMap((measure) => (kept.includes(measure) ? [] : [measure.name])),
  };
}

/** What would be measured today and is not in the reference. */
export function unknownTo(reference: NamedReference, policy: Policy): string[] {
  if (reference.of === 'churn') return [];
  const known = new Set(reference.reference.measures.map(({ name }) => name));
  // Scores that are new are no news: a model was put in force.
  const { features, dimensions } = columnsFor(policy);
  return [...features.map(({ name }) => name), ...dimensions].filter((name) => !known.has(name));
}

/** Throws `DRIFT_INCOMPARABLE`: of so few people chance alone makes anything. */
export function refuseFew({ tenureDays }: Snapshot, db: string, reference?: NamedReference): void {
  const [few, where] =
    tenureDays.length < LEAST_PEOPLE
      ? [tenureDays.length, db]
      : [reference?.reference.people ?? Infinity, `the reference ${reference?.name ?? ''}`];
  if (few >= LEAST_PEOPLE) return;
  const who = reference?.of === 'churn' ? 'buyers' : 'people';
  throw new TidemarkError(
    'DRIFT_INCOMPARABLE',
    `there are ${few} ${who} in ${where}, and ${LEAST_PEOPLE} are the least that can be compared`,
    'replay more of the history, or wait until there are more; a hundred and more are better',
  );
}

function namesOf({ reference }: NamedReference, kind: string): string[] {
  return reference.measures.flatMap((measure) => (measure.kind === kind ? [measure.name] : []));
}

function refuseUnknown(reference: NamedReference, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new TidemarkError(
    'DRIFT_INCOMPARABLE',
    `the reference ${reference.name} was made by another catalogue or policy: there is no ${names.join(', ')} here`,
    reference.of === 'churn'
      ? 'train the model anew'
      : 'freeze a new reference with drift --db DIR --freeze FILE, or use the version and the policy it was made with',
  );
}
