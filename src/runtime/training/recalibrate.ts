import { logitOf, type ChurnCalibration } from '../../core/scoring/churn/churn-calibration.ts';
import { MBG_COLUMN } from '../../core/scoring/churn/churn-inputs.ts';
import { fitPlatt, type PlattScaling } from '../../core/scoring/churn/platt-scaling.ts';
import type { ChurnNetwork, LoadChurnNetwork, TrainedNetwork } from '../../ports/churn-network.ts';
import { SNAPSHOT_DAYS, type ChurnHistory, type Horizon } from './churn-history.ts';
import { labelledRows } from './labelled-rows.ts';
import { scoreRows } from './score-rows.ts';

/** Snapshots that a recalibration is fitted to. */
const CALIBRATION_SNAPSHOTS = 3;
/** The raw score. */
const UNCHANGED: PlattScaling = { slope: 1, intercept: 0 };
/** Fewer who ordered once than these do not tell what serves them better. */
const LEAST_ONE_ORDER = 100;
/** Of the Brier score. What is gained by less is as often lost again (src/DECISIONS.md, 26). */
const LEAST_GAIN = 0.01;

/**
 * A horizon is recalibrated on its three most recent labelled snapshots, if a recalibration of the first network on the
 * two before predicted the last of them better than its raw scores. What is fitted then is the network that is kept: it
 * has learnt from those snapshots, and what the first one missed of them it would else be corrected for twice.
 *
 * Who ordered once is answered for by the closed form, for both horizons, if that, scaled on the same two snapshots,
 * foretold the last of them clearly better than the network. Nothing that is looked at lies after the cut-off.
 */
export async function recalibrate(
  history: ChurnHistory,
  judged: TrainedNetwork,
  kept: TrainedNetwork,
  load: LoadChurnNetwork,
): Promise<Readonly<Record<Horizon, ChurnCalibration | null>>> {
  const first = await load(judged);
  const second = await load(kept);
  try {
    const short = trialOf(history, 30, first, second);
    const long = trialOf(history, 90, first, second);
    const errorShare = (short.errorShare + long.errorShare) / 2;
    return errorShare < 1 - LEAST_GAIN
      ? { 30: withOneOrder(short), 90: withOneOrder(long) }
      : { 30: short.scaling, 90: long.scaling };
  } finally {
    first.dispose();
    second.dispose();
  }
}

/** What the labelled snapshots of a horizon say. */
interface Trial {
  /** Of the network that is kept; null: its raw scores are no worse. */
  readonly scaling: PlattScaling | null;
  /** Of the closed form, for who ordered once. */
  readonly oneOrder: PlattScaling;
  /** Brier score of the closed form over that of the network, on the latest who ordered once; NaN for too few. */
  readonly errorShare: number;
}

const NO_TRIAL: Trial = { scaling: null, oneOrder: UNCHANGED, errorShare: NaN };

function withOneOrder({ scaling, oneOrder }: Trial): ChurnCalibration {
  return { ...(scaling ?? UNCHANGED), oneOrder };
}

function trialOf(history: ChurnHistory, horizon: Horizon, judged: ChurnNetwork, kept: ChurnNetwork): Trial {
  const youngest = horizon / SNAPSHOT_DAYS;
  const labelled = Array.from({ length: CALIBRATION_SNAPSHOTS }, (_, i) =>
    labelledRows(history, horizon, [youngest + i]),
  ).filter((rows) => rows.length > 0);
  const [latest] = labelled;
  if (latest === undefined || labelled.length < 2) return NO_TRIAL;
  const all = labelled.flat();
  const earlier = labelled.slice(1).flat();
  const errorOf = (rows: readonly number[], calibration: ChurnCalibration | null): number =>
    scoreRows(history, rows, horizon, judged, calibration).reduce(
      (sum, probability, i) => sum + (probability - history.label(rows[i] ?? -1, horizon)) ** 2,
      0,
    );
  const before = fitNetwork(history, earlier, horizon, judged);
  const helps = errorOf(latest, before) < errorOf(latest, null);
  const single = latest.filter((row) => isOneOrder(history, row));
  const served = helps ? before : UNCHANGED;
  const byClosedForm = { ...served, oneOrder: fitClosedForm(history, earlier, horizon) };
  return {
    scaling: helps ? fitNetwork(history, all, horizon, kept) : null,
    oneOrder: fitClosedForm(history, all, horizon),
    errorShare:
      single.length < LEAST_ONE_ORDER ? NaN : errorOf(single, byClosedForm) / errorOf(single, served),
  };
}

function fitNetwork(
  history: ChurnHistory,
  rows: readonly number[],
  horizon: Horizon,
  network: ChurnNetwork,
): PlattScaling {
  return fitPlatt(
    scoreRows(history, rows, horizon, network, null).map(logitOf),
    rows.map((row) => history.label(row, horizon)),
  );
}

/** Of those among the rows who ordered once, on the closed form's input. */
function fitClosedForm(history: ChurnHistory, rows: readonly number[], horizon: Horizon): PlattScaling {
  const single = rows.filter((row) => isOneOrder(history, row));
  const inputs = history.rows.inputsOf(single);
  return fitPlatt(
    single.map((_, i) => inputs[i * history.rows.width + MBG_COLUMN] ?? NaN),
    single.map((row) => history.label(row, horizon)),
  );
}

function isOneOrder(history: ChurnHistory, row: number): boolean {
  return history.rows.measures[row]?.orders === 1;
}
