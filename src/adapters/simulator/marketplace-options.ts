import type { Instant } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';

/** What a simulated marketplace is made from. Equal options give equal streams, byte for byte, everywhere. */
export interface MarketplaceOptions {
  /** Accounts, the second accounts of people who have two included. 1 to 9,999,999. */
  readonly people: number;
  /** Length of the run; what has not arrived when it ends is not in the stream. */
  readonly days: number;
  /** Any safe integer. */
  readonly seed: number;
  readonly startAt: Instant;
  /** Share of events that arrive 10 minutes to 14 days after they happened. Default 0.02. */
  readonly lateRate?: number;
  /** Share of events that arrive a second time under the same messageId. Default 0.01. */
  readonly duplicateRate?: number;
  /** Share of device events stamped 6 minutes to 2 days ahead of their arrival. Default 0.0005. */
  readonly futureRate?: number;
  /** Scales how often everybody visits, and with it every count per person. Default 1. */
  readonly intensity?: number;
}

export type CompleteOptions = Required<MarketplaceOptions>;

const MOST_PEOPLE = 9_999_999;
const MOST_DAYS = 36_500;

/** Fills in the defaults. Throws `USAGE` naming the option, its value and the range it must be in. */
export function completeOptions(options: MarketplaceOptions): CompleteOptions {
  const complete = { lateRate: 0.02, duplicateRate: 0.01, futureRate: 0.0005, intensity: 1, ...options };
  demandInteger('people', complete.people, 1, MOST_PEOPLE);
  demandInteger('days', complete.days, 1, MOST_DAYS);
  demandInteger('seed', complete.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  demandInteger('startAt', complete.startAt, 0, 4_102_444_800_000);
  for (const rate of ['lateRate', 'duplicateRate', 'futureRate'] as const) {
    demandBetween(rate, complete[rate], 0, 0.5);
  }
  demandBetween('intensity', complete.intensity, 0.001, 100);
  return complete;
}

/** A name for the stream these options make; two streams share it only if they are the same stream. */
export function streamNameOf(options: MarketplaceOptions): string {
  const { people, days, seed, startAt, lateRate, duplicateRate, futureRate, intensity } =
    completeOptions(options);
  return (
    `simulator:seed=${seed},people=${people},days=${days},start=${startAt},` +
    `late=${lateRate},duplicate=${duplicateRate},future=${futureRate},intensity=${intensity}`
  );
}

function demandInteger(name: string, value: number, lowest: number, highest: number): void {
  if (!Number.isInteger(value)) refuse(name, value, `a whole number from ${lowest} to ${highest}`);
  demandBetween(name, value, lowest, highest);
}

function demandBetween(name: string, value: number, lowest: number, highest: number): void {
  if (!(value >= lowest && value <= highest)) refuse(name, value, `from ${lowest} to ${highest}`);
}

function refuse(name: string, value: number, range: string): never {
  throw new TidemarkError('USAGE', `simulator option ${name} is ${value}`, `give a value that is ${range}`);
}
