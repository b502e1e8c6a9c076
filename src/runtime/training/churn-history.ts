import type { MoneyRules } from '../../core/events/interpret.ts';
import { OrderBook } from '../../core/scoring/churn/order-book.ts';
import { fitMbgNbd, type MbgNbdParameters } from '../../core/scoring/churn/mbg-nbd.ts';
import { DAY_MS, NEVER, plus, type Instant } from '../../core/time.ts';
import { HORIZON_DAYS } from '../../ports/churn-network.ts';
import type { EventSource } from '../../ports/event-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { ChurnRows, type SeenRows } from './churn-rows.ts';
import { readSnapshots } from './read-snapshots.ts';
import { snapshotEnvironment } from './snapshot-environment.ts';

export type Horizon = (typeof HORIZON_DAYS)[number];

/** Between two snapshots, and how many lie before the cut-off: recent enough to speak of people as they are now. */
export const SNAPSHOT_DAYS = 30;
export const SNAPSHOTS = 8;
/** A model needs a labelled snapshot of this age or older, to learn from what later ones do not hold. */
export const LEARNABLE_AGE = Math.max(...HORIZON_DAYS) / SNAPSHOT_DAYS + 1;

/** A history up to a cut-off in labelled snapshots, and the cut-off itself with what came after it. */
export interface ChurnHistory {
  readonly asOf: Instant;
  /** Up to where orders are known. */
  readonly observedUntil: Instant;
  readonly rows: SeenRows;
  /** Rows of the snapshot `age` steps of {@link SNAPSHOT_DAYS} before the cut-off; 0 is the cut-off. */
  rowsAt(age: number): readonly number[];
  /**
   * 1 churned, 0 not. NaN: of a snapshot before the cut-off when the horizon had not elapsed *at the cut-off*, whatever
   * came later; of the cut-off itself when the data end first.
   */
  label(row: number, horizon: Horizon): number;
  /** The first order after the row's instant that counts, in all the data; NEVER for none. */
  nextOrderAt(row: number): Instant;
  /** Fitted to everybody's orders up to the cut-off; undefined when there is nobody. */
  readonly closedForm: MbgNbdParameters | undefined;
}

export interface ChurnHistoryRequest {
  readonly source: EventSource;
  /** Empty. */
  readonly store: StateStore;
  readonly money: MoneyRules;
  readonly asOf: Instant;
  readonly onProgress?: (recordsRead: number) => void;
  readonly signal?: AbortSignal;
}

export interface RollingHistoryRequest extends ChurnHistoryRequest {
  /** How many cut-offs are wanted, `asOf` among them; at least 1. */
  readonly origins: number;
  /** What will be judged: cut-offs are so far apart that no order decides two of their labels, if there is time. */
  readonly horizon: Horizon;
}

/** The same history as it stood at several cut-offs. */
export interface RollingHistory {
  /** As many as were asked for, latest first; an early one may be empty. */
  readonly origins: readonly [ChurnHistory, ...ChurnHistory[]];
  readonly stepDays: number;
}

/** What is known of labels at one cut-off: by horizon, then by row; NaN for none. */
type Labels = readonly Float32Array[];

/** Reads a source once, up to one cut-off and beyond: {@link readRollingHistory}. */
export async function readChurnHistory(request: ChurnHistoryRequest): Promise<ChurnHistory> {
  const { origins } = await readRollingHistory({ ...request, origins: 1, horizon: 30 });
  return origins[0];
}

/**
 * Reads a source once, for all cut-offs. Labels of the snapshots before a cut-off are made at that cut-off, from what had
 * arrived by then, and so is the closed form: nothing that is learnt for it lies after it. Memory: about 300 bytes a
 * person and snapshot.
 */
export async function readRollingHistory(request: RollingHistoryRequest): Promise<RollingHistory> {
  const { money, asOf, origins: wanted, horizon } = request;
  const rows = new ChurnRows();
  const book = new OrderBook();
  const oldest = (wanted - 1) * (horizon / SNAPSHOT_DAYS) + SNAPSHOTS;
  const byAge = Array.from({ length: oldest + 1 }, (): number[] => []);
  const instants = byAge.map((_, age) => plus(asOf, -age * SNAPSHOT_DAYS * DAY_MS)).reverse();
  const environment = snapshotEnvironment(money);
  const labelsByAge = new Map<number, Labels>();
  const labelRows = (labels: Labels, of: readonly number[], observedUntil: Instant): void => {
    for (const row of of) {
      const at = rows.instants[row] ?? NEVER;
      const personId = rows.personIds[row] ?? '';
      HORIZON_DAYS.forEach((days, h) => {
        const label = book.labelOf(personId, at, plus(at, days * DAY_MS), observedUntil);
        labels[h]?.fill(label ?? NaN, row, row + 1);
      });
    }
  };
  const before = (age: number): number[] => byAge.slice(age + 1, age + 1 + SNAPSHOTS).flat();
  const ageOf = (at: Instant): number => Math.round((asOf - at) / DAY_MS / SNAPSHOT_DAYS);
  const stepOf = (): number =>
    originStep(
      wanted,
      horizon,
      byAge.findLastIndex((of) => of.length > 0),
    );
  const { lastAt } = await readSnapshots({
    ...request,
    instants,
    book,
    onPerson(personId, windows, at) {
      const row = rows.rows;
      rows.add(personId, windows, at, environment);
      if (rows.rows > row) byAge[ageOf(at)]?.push(row);
    },
    onSnapshot(at) {
      const age = ageOf(at);
      if (age % stepOf() !== 0 || age > (wanted - 1) * stepOf()) return;
      const labels = HORIZON_DAYS.map(() => new Float32Array(rows.rows).fill(NaN));
      labelRows(labels, before(age), at);
      labelsByAge.set(age, labels);
    },
  });
  const step = stepOf();
  const originAt = (age: number): ChurnHistory => {
    const present = byAge[age] ?? [];
    const labels = labelsByAge.get(age) ?? [];
    labelRows(labels, present, lastAt);
    const closedForm = fitMbgNbd(present.flatMap((row) => rows.measures[row]?.history ?? []))?.parameters;
    return {
      asOf: plus(asOf, -age * SNAPSHOT_DAYS * DAY_MS),
      observedUntil: lastAt,
      rows: rows.seenWith(closedForm),
      rowsAt: (older) => byAge[age + older] ?? [],
      label: (row, days) => labels[HORIZON_DAYS.indexOf(days)]?.[row] ?? NaN,
      nextOrderAt: (row) => book.nextOrderAt(rows.personIds[row] ?? '', rows.instants[row] ?? NEVER) ?? NEVER,
      closedForm,
    };
  };
  const earlier = Array.from({ length: wanted - 1 }, (_, i) => originAt((i + 1) * step));
  return { origins: [originAt(0), ...earlier], stepDays: step * SNAPSHOT_DAYS };
}

/**
 * Snapshots between two cut-offs, of which `wanted` are to be judged. A whole horizon where the history is long enough
 * to learn at the earliest of them: then no order decides the label of two cut-offs. Else the longest step that leaves
 * all of them something to learn from, and a single one where none does.
 */
export function originStep(wanted: number, horizon: Horizon, oldestAge: number): number {
  const whole = horizon / SNAPSHOT_DAYS;
  if (wanted === 1) return whole;
  return Math.max(1, Math.min(whole, Math.floor((oldestAge - LEARNABLE_AGE) / (wanted - 1))));
}
