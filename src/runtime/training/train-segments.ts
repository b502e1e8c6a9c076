import { fitSegments, type TooFewPeople } from '../../core/scoring/segments/fit-segments.ts';
import { STABILITY, type CountChoice } from '../../core/scoring/segments/choose-cluster-count.ts';
import { refitSegments, type RefitEvidence } from '../../core/scoring/segments/refit-segments.ts';
import { STYLE_INPUTS, VALUE_INPUTS, type SegmentInput } from '../../core/scoring/segments/segment-inputs.ts';
import type { SegmentModel } from '../../core/scoring/segments/segment-model.ts';
import { NAMINGS, type Naming } from '../../core/scoring/segments/segment-names.ts';
import { DAY_MS, NEVER, dateOf, type Instant } from '../../core/time.ts';
import type { Clustering } from '../../ports/clustering.ts';
import { moversBetween, type Movement } from './segment-movers.ts';
import { segmentProfiles, type SegmentProfile } from './segment-profiles.ts';
import { readSegmentRows, type SegmentRows, type SegmentRowsRequest } from './segment-rows.ts';

export type SegmentModels = Readonly<Partial<Record<Naming, SegmentModel>>>;

export interface SegmentTraining extends Omit<SegmentRowsRequest, 'features' | 'instants'> {
  /** The end of the history when absent. */
  readonly asOf?: Instant;
  /** A whole number. */
  readonly seed: number;
  readonly clustering: Clustering;
  /** Models to go on from, and as of when they were made; kinds without one are fitted anew. */
  readonly inForce?: { readonly models: SegmentModels; readonly asOf: Instant };
}

/** What came of one kind of segments. */
export interface SegmentOutcome {
  readonly naming: Naming;
  /** `none`: nothing could be fitted. */
  readonly how: 'fitted' | 'refitted' | 'none';
  readonly passed: boolean;
  /** Why it passed or did not: whole sentences. */
  readonly reasons: readonly string[];
  /** What was made, passed or not. */
  readonly model: SegmentModel | undefined;
  /** Of `model`, on the people it was made from. */
  readonly profiles: readonly SegmentProfile[];
  /** Of a refit: against the model in force, on today's people. */
  readonly evidence?: RefitEvidence;
  /** Of a refit: whose label it would change since that model was made; absent where there was nobody yet. */
  readonly movement?: Movement;
}

export interface TrainedSegments {
  /** Up to when people are known. */
  readonly asOf: Instant;
  readonly outcomes: readonly SegmentOutcome[];
  /**
   * The candidate. What did not pass gives way to the model in force, or to none, so long as something passed; where
   * nothing did, the candidate is what was refused, for people to look at.
   */
  readonly models: SegmentModels;
  readonly publish: { readonly passed: boolean; readonly reasons: readonly string[] };
  readonly data: {
    /** Records read, people among them, and those with a segment of each kind. */
    readonly records: number;
    readonly people: number;
    readonly withSegment: Readonly<Record<Naming, number>>;
    /** First and last arrival. */
    readonly firstAt: Instant;
    readonly lastAt: Instant;
  };
}

const INPUTS: Readonly<Record<Naming, readonly SegmentInput[]>> = {
  value_segment: VALUE_INPUTS,
  style: STYLE_INPUTS,
};

/** Segments of both kinds from the people of a history as they stood at `asOf`. Reads the source once. */
export async function trainSegments(training: SegmentTraining): Promise<TrainedSegments> {
  const { asOf = NEVER, inForce } = training;
  const inputs = NAMINGS.flatMap((naming) => inForce?.models[naming]?.inputs ?? INPUTS[naming]);
  const { read, firstAt, lastAt, snapshots } = await readSegmentRows({
    ...training,
    features: new Set(inputs.map(({ feature }) => feature)),
    instants: inForce !== undefined && inForce.asOf < asOf ? [inForce.asOf, asOf] : [asOf],
  });
  const today = snapshots.at(-1);
  if (today === undefined) throw new RangeError('no snapshot');
  const before = snapshots.find(({ at }) => at < today.at);
  const outcomes = NAMINGS.map((naming) => {
    training.signal?.throwIfAborted();
    const old = inForce?.models[naming];
    return old === undefined ? fit(naming, today, firstAt, training) : refit(old, before, today, training);
  });
  const of = (naming: Naming): number =>
    outcomes.find((outcome) => outcome.naming === naming)?.model?.metrics.people ?? 0;
  return {
    asOf: today.at,
    outcomes,
    models: candidateOf(outcomes, inForce?.models ?? {}),
    publish: {
      passed: outcomes.some(({ passed }) => passed),
      reasons: outcomes.flatMap(({ reasons }) => reasons),
    },
    data: {
      records: read,
      people: today.personIds.length,
      withSegment: { value_segment: of('value_segment'), style: of('style') },
      firstAt,
      lastAt,
    },
  };
}

/** The longest of the windows and half-lives that groups are told apart by. */
const LEAST_SPAN_DAYS = 90;

function fit(
  naming: Naming,
  today: SegmentRows,
  firstAt: Instant,
  training: SegmentTraining,
): SegmentOutcome {
  const { seed, clustering } = training;
  const inputs = INPUTS[naming];
  const rows = today.of(inputs);
  const plan = { version: versionOf(naming, today), naming, inputs, seed };
  const fitted = fitSegments(rows, plan, clustering.cluster);
  if (!fitted.ok) return nothing(naming, inputs, fitted.error);
  const model = fitted.value;
  const { choice } = model.metrics;
  const spanDays = Math.floor((today.at - firstAt) / DAY_MS);
  const isLongEnough = spanDays >= LEAST_SPAN_DAYS;
  const tooShort = `${naming}: the history spans ${spanDays} days, and who people are shows in ${LEAST_SPAN_DAYS} at the least.`;
  return {
    naming,
    how: 'fitted',
    passed: choice.isStable && isLongEnough,
    reasons: [stabilityWords(naming, choice), ...(isLongEnough ? [] : [tooShort])],
    model,
    profiles: segmentProfiles(model, rows),
  };
}

function refit(
  old: SegmentModel,
  before: SegmentRows | undefined,
  today: SegmentRows,
  { seed, clustering: { cluster, match } }: SegmentTraining,
): SegmentOutcome {
  const { naming, inputs } = old;
  const rows = today.of(inputs);
  const made = refitSegments(old, rows, { version: versionOf(naming, today), seed }, cluster, match);
  if (!made.ok) return nothing(naming, inputs, made.error);
  const { candidate, evidence, refusals } = made.value;
  const movement = before && moversBetween(old, candidate, before, today);
  const agreement = evidence.agreement.toFixed(3);
  return {
    naming,
    how: 'refitted',
    passed: refusals.length === 0,
    reasons:
      refusals.length === 0
        ? [
            `${naming}: the new centroids go on from those of ${old.version}; old and new labels agree to ${agreement}.`,
          ]
        : refusals.map(({ words }) => `${naming}: ${words}.`),
    model: candidate,
    profiles: segmentProfiles(candidate, rows),
    evidence,
    ...(movement === undefined ? {} : { movement }),
  };
}

function nothing(
  naming: Naming,
  inputs: readonly SegmentInput[],
  { people, needed }: TooFewPeople,
): SegmentOutcome {
  const demanded = inputs.filter(({ missing }) => missing === 'no_segment').map(({ feature }) => feature);
  const why =
    people === 0
      ? `nobody has a value of each of ${demanded.join(', ')}`
      : `it takes ${needed} people who differ from one another, and ${people} have a value of each of ${demanded.join(', ')}`;
  return {
    naming,
    how: 'none',
    passed: false,
    reasons: [`${naming}: left out, because ${why}.`],
    model: undefined,
    profiles: [],
  };
}

function candidateOf(outcomes: readonly SegmentOutcome[], inForce: SegmentModels): SegmentModels {
  const something = outcomes.some(({ passed }) => passed);
  return Object.fromEntries(
    outcomes.flatMap(({ naming, passed, model }) => {
      const chosen = passed || !something ? (model ?? inForce[naming]) : inForce[naming];
      return chosen === undefined ? [] : [[naming, chosen]];
    }),
  );
}

function stabilityWords(naming: Naming, { clusters, isStable, trials }: CountChoice): string {
  const chosen = trials.find((trial) => trial.clusters === clusters);
  const [agreement, jaccard, share] = [chosen?.agreement, chosen?.jaccard, chosen?.share].map((measure) =>
    (measure ?? NaN).toFixed(3),
  );
  const figures = `agreement ${agreement ?? ''} (at least ${STABILITY.agreement}), least Jaccard ${jaccard ?? ''} (${STABILITY.jaccard}), smallest share ${share ?? ''} (${STABILITY.share})`;
  return isStable
    ? `${naming}: ${clusters} groups are stable under resampling: ${figures}.`
    : `${naming}: no number of groups is stable under resampling; ${clusters} come closest: ${figures}.`;
}

function versionOf(naming: Naming, { at }: SegmentRows): string {
  return `${naming}@${dateOf(at)}`;
}
