import { ByteReader, ByteWriter } from '../../src/core/bytes.ts';
import { fold, type FoldOutcome } from '../../src/core/features/fold.ts';
import {
  emptyWindows,
  readWindows,
  settleWindows,
  writeWindows,
  type PersonWindows,
} from '../../src/core/features/person-windows.ts';
import type { AddressedFact, Fact } from '../../src/core/events/fact.ts';
import { instant, plus, DAY_MS, type Instant } from '../../src/core/time.ts';
import { USUAL_PRICES, type Arrival } from './arbitraries.ts';

/** Folds the arrivals in their order into `windows`, and tells what became of each. */
export function foldInto(windows: PersonWindows, arrivals: readonly Arrival[]): FoldOutcome[] {
  return arrivals.map(({ fact, receivedAt }) => foldOne(windows, fact, receivedAt).outcome);
}

export function foldAll(arrivals: readonly Arrival[]): PersonWindows {
  const windows = emptyWindows();
  foldInto(windows, arrivals);
  return windows;
}

/** One fact, and what folding it sent to other persons. */
export function foldOne(
  windows: PersonWindows,
  fact: Fact,
  receivedAt: Instant,
): { readonly outcome: FoldOutcome; readonly sent: readonly AddressedFact[] } {
  const sent: AddressedFact[] = [];
  const outcome = fold(windows, fact, receivedAt, USUAL_PRICES, {
    send: (one) => void sent.push(one),
    price: () => undefined,
  });
  return { outcome, sent };
}

export function encoded(windows: PersonWindows): Uint8Array {
  const writer = new ByteWriter();
  writeWindows(writer, windows);
  return writer.since(0);
}

export function decoded(record: Uint8Array): PersonWindows {
  return readWindows(new ByteReader(record));
}

/** A copy that shares nothing, through the codec. */
export function copyOf(windows: PersonWindows): PersonWindows {
  return decoded(encoded(windows));
}

/**
 * The record as it stands once every message id is forgotten. Which ids are still known depends on the hours in
 * which facts arrived, which is what orders of arrival differ in; all the rest must not depend on it.
 */
export function encodedAfterForgetting(windows: PersonWindows, end: Instant): string {
  const later = plus(end, 4 * DAY_MS);
  settleWindows(windows, later);
  windows.clock = instant(later);
  return Buffer.from(encoded(windows)).toString('hex');
}
