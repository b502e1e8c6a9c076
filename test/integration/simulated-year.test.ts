import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import type { LeaveReason } from '../../src/adapters/simulator/plans.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { truthOf, type PersonTruth } from '../../src/adapters/simulator/truth.ts';
import { churnTrainer } from '../../src/adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { readBackChurn } from '../../src/commands/read-back-churn.ts';
import type { ChurnFamily } from '../../src/core/scoring/churn/churn-inputs.ts';
import { churnReasons } from '../../src/core/scoring/churn/churn-reasons.ts';
import { bootstrapAucDifference } from '../../src/core/scoring/evaluation/bootstrap-auc.ts';
import { BASELINE_KEYS, type ScorerKey } from '../../src/core/scoring/evaluation/gate.ts';
import { DAY_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { readRollingHistory, type ChurnHistory } from '../../src/runtime/training/churn-history.ts';
import {
  cohortMembers,
  evaluateChurn,
  type ChurnEvaluation,
  type ScoredCutoff,
} from '../../src/runtime/training/evaluate-churn.ts';
import { scoreRows } from '../../src/runtime/training/score-rows.ts';
import { trainChurnModel, type ChurnModel } from '../../src/runtime/training/train-churn-model.ts';
import { typicalInputs } from '../../src/runtime/training/typical-inputs.ts';

/**
 * As of the first of April, when the months to come are about as busy as the one before. Across a season that turns no
 * calibration holds: nobody can tell a season from a trend who knows a single year.
 */
const YEAR = {
  /** Of 5,000 a scorer that is exactly right shows an ECE of about .017, so that .02 would be luck. */
  people: 12_000,
  days: 365,
  seed: 1,
  startAt: instant(Date.UTC(2025, 6, 1)),
};
/** The year outlasts the last horizon by a day. */
const CUT_OFF = plus(YEAR.startAt, 274 * DAY_MS);
const LAST_SNAPSHOT = plus(CUT_OFF, 90 * DAY_MS);
const SEED = 1;

/** What the simulator planted, and the family that ought to be named for it. */
const PLANTED = [
  ['falling_visits', 'visits'],
  ['slow_after_sales', 'after-sales'],
  ['unsold_listings', 'unsold listings'],
] as const satisfies readonly (readonly [LeaveReason, ChurnFamily])[];
/** The last snapshot before somebody leaves lies so many days before it at most. */
const ABOUT_TO_LEAVE_DAYS = 30;
/** By so much in 60 days is a risk risen. */
const RISE = 0.1;

/** A person at a snapshot that the model never saw. */
interface Seen {
  readonly truth: PersonTruth;
  readonly leavesInDays: number;
  readonly away: boolean;
  /** What is named first of why the risk is high; undefined where it has not risen. */
  readonly named: ChurnFamily | undefined;
}

describe('a simulated year, in which behaviour precedes leaving', () => {
  let evaluation: ChurnEvaluation;
  let scored: ScoredCutoff;
  let history: ChurnHistory;
  let seen: readonly Seen[];

  beforeAll(async () => {
    const { origins } = await readRollingHistory({
      source: simulatedSource(YEAR),
      store: new MemoryStateStore(1, []),
      money: { currency: 'CNY', rates: {} },
      asOf: LAST_SNAPSHOT,
      origins: 2,
      horizon: 90,
    });
    const [latest, judged = latest] = origins;
    history = judged;
    const load = (stored: Parameters<typeof loadChurnNetwork>[1]) => loadChurnNetwork('wasm', stored);
    const judging = { load, readBack: readBackChurn, seed: SEED };
    const model = await trainChurnModel(history, { trainer: churnTrainer('wasm'), load, seed: SEED });
    if ('why' in model) throw new Error(model.why);
    ({ evaluation, scored } = await evaluateChurn(history, 90, model, judging));
    seen = await whyAfterwards(history, latest, model);
  }, 900_000);

  it('is as of the cut-off, with the 90 days after it', () => {
    expect(history.asOf).toBe(CUT_OFF);
    expect(history.observedUntil).toBeGreaterThan(LAST_SNAPSHOT - DAY_MS);
    expect(evaluation.gate).toMatchObject({ passed: true, serves: 'model' });
  });

  it('the model ranks active buyers better than the best that orders alone allow, beyond chance', () => {
    const { model, n, ...baselines } = cohort('activeLast90Days');
    const best = BASELINE_KEYS.toSorted((a, b) => (baselines[b].auc ?? 0) - (baselines[a].auc ?? 0))[0];
    const gain = (model.auc ?? NaN) - (baselines[best ?? 'recency'].auc ?? NaN);
    const interval = differenceFrom(best ?? 'recency');
    say(
      `active buyers: ${n}; AUC ${figure(model.auc)}, best baseline ${best} ${figure(baselines[best ?? 'recency'].auc)}, ` +
        `difference ${figure(gain)} (95 %: ${figure(interval.low)} to ${figure(interval.high)})`,
    );
    expect(gain).toBeGreaterThanOrEqual(0.02);
    expect(interval.low).toBeGreaterThan(0);
  });

  it('its probabilities are what comes true', () => {
    const { model, n, baseRate } = cohort('all');
    say(
      `all buyers: ${n}, base rate ${figure(baseRate)}, AUC ${figure(model.auc)}, Brier ${figure(model.brier)}, ECE ${figure(model.ece)}`,
    );
    expect(model.ece).toBeLessThanOrEqual(0.02);
  });

  it.each(PLANTED)('names %s first in whom it was planted', (reason, family) => {
    const planted = seen.filter(
      ({ truth, leavesInDays }) => truth.leaveReason === reason && leavesInDays <= ABOUT_TO_LEAVE_DAYS,
    );
    const others = seen.filter(
      ({ truth, leavesInDays, away }) => leavesInDays > 90 && !away && truth.fraud === 'none',
    );
    const [inThem, inOthers] = [planted, others].map((people) => shareNamed(people, family));
    say(`${reason}: ${inThem?.words}; stays: ${inOthers?.words}`);
    expect(inThem?.ofRisen).toBeGreaterThan(0.5);
    expect(inThem?.ofAll).toBeGreaterThan(2 * (inOthers?.ofAll ?? NaN));
  });

  function cohort(key: 'all' | 'activeLast90Days') {
    const found = evaluation.cohorts[key];
    if (found === undefined) throw new Error(`nobody is in ${key}`);
    return found;
  }

  function differenceFrom(baseline: ScorerKey): { low: number; high: number } {
    const members = cohortMembers(history, scored.rows, 'activeLast90Days');
    const of = (scores: ArrayLike<number>): Float64Array =>
      Float64Array.from(members, (i) => scores[i] ?? NaN);
    const interval = bootstrapAucDifference(
      of(scored.scores.model),
      of(scored.scores[baseline]),
      Uint8Array.from(members, (i) => scored.labels[i] ?? 0),
      members,
      { seed: SEED, replicates: 400 },
    );
    return interval ?? { low: NaN, high: NaN };
  }
});

/** Everybody at the cut-off and at the three snapshots after it, for each the reason that comes first. */
async function whyAfterwards(
  history: ChurnHistory,
  latest: ChurnHistory,
  model: ChurnModel,
): Promise<Seen[]> {
  const truths = new Map([...truthOf(YEAR)].map((truth) => [truth.personId, truth]));
  const network = await loadChurnNetwork('wasm', model.network);
  const typical = typicalInputs(history);
  const calibration = model.calibration[90];
  const { personIds, instants, width } = history.rows;
  const riskOf = (rows: readonly number[]): Float64Array =>
    scoreRows(history, rows, 90, network, calibration);
  try {
    return [3, 2, 1, 0].flatMap((age) => {
      const before = latest.rowsAt(age + 2);
      const risksBefore = riskOf(before);
      const riskBefore = new Map(before.map((row, i) => [personIds[row], risksBefore[i] ?? NaN]));
      const rows = latest.rowsAt(age);
      const risks = riskOf(rows);
      const { contributions, residuals } = network.attribute(
        history.rows.inputsOf(rows),
        rows.length,
        typical,
      );
      return rows.flatMap((row, i): Seen[] => {
        const truth = truths.get(personIds[row] ?? '');
        const at = instants[row];
        if (truth === undefined || at === undefined || hasLeft(truth, at)) return [];
        const rise = (risks[i] ?? NaN) - (riskBefore.get(truth.personId) ?? NaN);
        const reasons = churnReasons(
          contributions.subarray(i * width, (i + 1) * width),
          residuals[i] ?? NaN,
          (feature) => feature,
          history.rows.ofOrders,
        );
        return [
          {
            truth,
            leavesInDays: ((truth.leftAt ?? Infinity) - at) / DAY_MS,
            away: truth.pausedAt !== null && truth.pausedAt <= at && at < (truth.returnsAt ?? 0),
            named: rise >= RISE && (reasons[0]?.logitChange ?? 0) > 0 ? reasons[0]?.family : undefined,
          },
        ];
      });
    });
  } finally {
    network.dispose();
  }
}

function hasLeft({ leftAt }: PersonTruth, at: Instant): boolean {
  return leftAt !== null && leftAt <= at;
}

function shareNamed(people: readonly Seen[], family: ChurnFamily) {
  const risen = people.filter(({ named }) => named !== undefined);
  const named = risen.filter((one) => one.named === family);
  const ofRisen = named.length / risen.length;
  const ofAll = named.length / people.length;
  const words = `named first in ${named.length} of ${risen.length} whose risk has risen (${percent(ofRisen)}), of ${people.length} people (${percent(ofAll)})`;
  return { ofRisen, ofAll, words };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function figure(value: number | null): string {
  return value === null ? 'none' : value.toFixed(4);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
