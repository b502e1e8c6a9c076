import type { MoneyRules } from '../../core/events/interpret.ts';
import { minorDigits } from '../../core/money.ts';
import { OrderBook } from '../../core/scoring/churn/order-book.ts';
import { fitMbgNbd, type MbgNbdParameters } from '../../core/scoring/churn/mbg-nbd.ts';
import { DAY_MS, NEVER, plus, type Instant } from '../../core/time.ts';
import { HORIZON_DAYS } from '../../ports/churn-network.ts';
import type { EventSource } from '../../ports/event-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { ChurnRows } from './churn-rows.ts';
import { readSnapshots } from './read-snapshots.ts';

export type Horizon = (typeof HORIZON_DAYS)[number];

/** Between two snapshots, and how many lie before the cut-off: recent enough to speak of people as they are now. */
export const SNAPSHOT_DAYS = 30;
export const SNAPSHOTS = 8;

/** A history up to a cut-off in labelled snapshots, and the cut-off itself with what came after it. */
export interface ChurnHistory {
  readonly asOf: Instant;
  /** Up to where orders are known. */
  readonly observedUntil: Instant;
  readonly rows: ChurnRows;
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

/**
 * Reads a source once. Labels of earlier snapshots are made at the cut-off, from what had arrived by then, so that
 * nothing a model learns from lies after it. Memory: about 300 bytes a person and snapshot.
 */
export async function readChurnHistory(request: ChurnHistoryRequest): Promise<ChurnHistory> {
  const { money, asOf } = request;
  const rows = new ChurnRows();
  const book = new OrderBook();
  const labels = HORIZON_DAYS.map((): number[] => []);
  const byAge = Array.from({ length: SNAPSHOTS + 1 }, (): number[] => []);
  const instants = byAge.map((_, age) => plus(asOf, -age * SNAPSHOT_DAYS * DAY_MS)).reverse();
  const environment = {
    meanOrderMinor: NaN,
    cuts: {},
    currency: money.currency,
    minorPerMajor: 10 ** minorDigits(money.currency),
    utcOffsetMs: 0,
  };
  const labelRows = (from: readonly number[], observedUntil: Instant): void => {
    for (const row of from) {
      const at = rows.instants[row] ?? NEVER;
      const personId = rows.personIds[row] ?? '';
      HORIZON_DAYS.forEach((days, h) => {
        const label = book.labelOf(personId, at, plus(at, days * DAY_MS), observedUntil);
        (labels[h] ?? [])[row] = label ?? NaN;
      });
    }
  };
  const { lastAt } = await readSnapshots({
    ...request,
    instants,
    book,
    onPerson(personId, windows, at) {
      const row = rows.rows;
      rows.add(personId, windows, at, environment);
      if (rows.rows > row) byAge[Math.round((asOf - at) / DAY_MS / SNAPSHOT_DAYS)]?.push(row);
    },
    onSnapshot(at) {
      if (at === asOf) for (const earlier of byAge.slice(1)) labelRows(earlier, asOf);
    },
  });
  const present = byAge[0] ?? [];
  labelRows(present, lastAt);
  const closedForm = fitMbgNbd(present.flatMap((row) => rows.measures[row]?.history ?? []))?.parameters;
  if (closedForm !== undefined) rows.fillClosedForm(closedForm);
  return {
    asOf,
    observedUntil: lastAt,
    rows,
    rowsAt: (age) => byAge[age] ?? [],
    label: (row, horizon) => labels[HORIZON_DAYS.indexOf(horizon)]?.[row] ?? NaN,
    nextOrderAt: (row) => book.nextOrderAt(rows.personIds[row] ?? '', rows.instants[row] ?? NEVER) ?? NEVER,
    closedForm,
  };
}
