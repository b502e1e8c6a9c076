import type { FeatureEnvironment } from '../../core/features/feature.ts';
import type { PersonWindows } from '../../core/features/person-windows.ts';
import {
  CHURN_INPUTS,
  MBG_COLUMN,
  mbgLogitOf,
  purchaseHistory,
  readChurnInputs,
} from '../../core/scoring/churn/churn-inputs.ts';
import type { MbgNbdParameters, PurchaseHistory } from '../../core/scoring/churn/mbg-nbd.ts';
import { plainMeasures } from '../../core/scoring/churn/plain-measures.ts';
import type { PlainMeasures } from '../../core/scoring/churn/plain-scorer.ts';
import { featureNamed } from '../../core/features/catalogue.ts';
import type { Instant } from '../../core/time.ts';

/** What the plain baselines and cohorts are made of, by row. */
export interface RowMeasures extends PlainMeasures {
  readonly ordersOfYear: number;
  readonly sales: number;
  readonly history: PurchaseHistory;
}

const WIDTH = CHURN_INPUTS.length;
const FIRST_ROWS = 4096;

/** Rows as one cut-off sees them: with the closed form as fitted there, or another. */
export interface SeenRows {
  /** Inputs of a row. */
  readonly width: number;
  readonly rows: number;
  readonly personIds: readonly string[];
  readonly instants: readonly Instant[];
  readonly measures: readonly RowMeasures[];
  /** Names of the inputs that told of orders alone (`OrdersAlone`) in all rows but a few; of rows that come later not yet. */
  readonly ofOrders: ReadonlySet<string>;
  /** The inputs of some rows, in their order: a copy. */
  inputsOf(rows: readonly number[]): Float32Array<ArrayBuffer>;
  /** The same rows with the closed form of these parameters; its input is 0 without any. */
  seenWith(closedForm: MbgNbdParameters | undefined): SeenRows;
}

/**
 * Rows to learn from or to be judged by: people at instants. Inputs lie in one array, row after row, in 32-bit
 * floats; the closed form's column is left to {@link ChurnRows.seenWith}, for its parameters differ by cut-off.
 */
export class ChurnRows {
  readonly personIds: string[] = [];
  readonly instants: Instant[] = [];
  readonly measures: RowMeasures[] = [];
  /** By input that may tell of orders alone: rows in which it told more. */
  private readonly tellMore = new Map(OF_ORDERS.map(({ name }) => [name, 0]));
  private inputs = new Float32Array(FIRST_ROWS * WIDTH);

  get rows(): number {
    return this.personIds.length;
  }

  add(personId: string, windows: PersonWindows, at: Instant, environment: FeatureEnvironment): void {
    const history = purchaseHistory(windows, at);
    if (history === undefined) return;
    const offset = this.rows * WIDTH;
    if (offset + WIDTH > this.inputs.length) {
      const larger = new Float32Array(this.inputs.length * 2);
      larger.set(this.inputs);
      this.inputs = larger;
    }
    readChurnInputs(windows, at, environment, 0, this.inputs, offset);
    const read = (feature: ReturnType<typeof featureNamed>): number =>
      feature?.read(windows, at, environment) ?? NaN;
    for (const { name, ofOrders } of OF_ORDERS)
      if (!ofOrders.holds((feature) => read(featureNamed(feature))))
        this.tellMore.set(name, (this.tellMore.get(name) ?? 0) + 1);
    this.personIds.push(personId);
    this.instants.push(at);
    this.measures.push({
      ...plainMeasures(windows, at, environment),
      ordersOfYear: read(ORDERS_OF_YEAR),
      sales: read(SALES),
      history,
    });
  }

  /** The closed form's input is 0 without parameters. */
  seenWith(closedForm: MbgNbdParameters | undefined): SeenRows {
    const { rows, personIds, instants, measures } = this;
    const most = rows * STRAY_SHARE;
    const ofOrders = new Set([...this.tellMore].flatMap(([name, more]) => (more > most ? [] : [name])));
    const inputsOf: SeenRows['inputsOf'] = (picked) => {
      const inputs = new Float32Array(picked.length * WIDTH);
      picked.forEach((row, i) => {
        inputs.set(this.inputs.subarray(row * WIDTH, (row + 1) * WIDTH), i * WIDTH);
        const history = measures[row]?.history;
        if (closedForm !== undefined && history !== undefined)
          inputs[i * WIDTH + MBG_COLUMN] = mbgLogitOf(history, closedForm);
      });
      return inputs;
    };
    const seenWith: SeenRows['seenWith'] = (other) => this.seenWith(other);
    return { width: WIDTH, rows, personIds, instants, measures, ofOrders, inputsOf, seenWith };
  }
}

const OF_ORDERS = CHURN_INPUTS.flatMap(({ name, ofOrders }) =>
  ofOrders === undefined ? [] : [{ name, ofOrders }],
);
/** A network learns little of returns from the few people of whom one is known; each stands in a year of snapshots. */
const STRAY_SHARE = 0.02;
const ORDERS_OF_YEAR = featureNamed('orders_365d');
const SALES = featureNamed('sales_total');
