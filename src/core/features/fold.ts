import type { Act, AddressedFact, Fact, OrderFact, ReturnFact } from '../events/fact.ts';
import { BETWEEN_SELLERS } from '../events/interpret.ts';
import { hash48 } from '../hash.ts';
import { instant, latest, type Instant } from '../time.ts';
import { NO_PRICE_SCORE, type LedgerEntry } from './ledger-entry.ts';
import { casesOf, ledgerOf, seriesOf, settleFrom, type PersonWindows } from './person-windows.ts';
import { LONGEST_WINDOW_MS } from './windowed.ts';

/**
 * What happened to a fact. `restated`: a known order was told again under another messageId; what it said otherwise
 * was taken in. `moved`: the id was merged into another person and the fact sent on to them.
 */
export type FoldOutcome = 'applied' | 'restated' | 'duplicate' | 'too_late' | 'moved';

/** The usual price by category, minor units, frozen for the review period. */
export type UsualPrices = Readonly<Record<string, number>>;

/** What folding asks of the world beyond this person. */
export interface FoldOutput {
  /** Facts about other persons that only this person's state could state. */
  send(fact: AddressedFact): void;
  /** A price seen in a category, for the next review period's references. */
  price(category: string, priceMinor: number): void;
}

/**
 * Adds one fact to a person's windows at `now`, which never goes back for one person. Idempotent within the
 * duplicate horizon; commutes with other facts that are not too late at either place. `merge` and `absorb` facts
 * are not folded here but in core/person.ts: they move whole records.
 */
export function fold(
  windows: PersonWindows,
  fact: Fact,
  now: Instant,
  usual: UsualPrices,
  output: FoldOutput,
): FoldOutcome {
  if (fact.at <= now - LONGEST_WINDOW_MS) return 'too_late';
  // First of all what aged goes, so that nothing depends on when the record was last settled.
  settleFrom(windows.clock, windows, now);
  if (!windows.seen.add(fact.key, now)) return 'duplicate';
  windows.clock = now;
  if (fact.own) windows.presence.add(fact.at);
  switch (fact.type) {
    case 'act':
      seriesOf(windows, fact.act).add(fact.at, now, fact.value, fact.mark);
      if (fact.own && SELLER_ACTS.has(fact.act))
        windows.sellerActiveAt = latest(windows.sellerActiveAt, fact.at);
      if (fact.category !== undefined && fact.priceMinor !== undefined)
        output.price(fact.category, fact.priceMinor);
      return 'applied';
    case 'order':
      return foldOrder(windows, fact, now, usual, output);
    case 'return':
      return foldReturn(windows, fact, output);
    case 'shipment':
      ledgerOf(windows, 'seller').ship(fact.orderKey, fact.at);
      return 'applied';
    case 'case':
      casesOf(windows, fact.side).note(fact);
      return 'applied';
    case 'merge':
    case 'absorb':
      throw new Error(`a ${fact.type} fact reached the windows`);
  }
}

/**
 * Whether a fact may make the person it concerns state facts about others. Those who were merged into somebody state
 * every fact anew, whatever it is.
 */
export function mayTellOthers(fact: Fact): boolean {
  switch (fact.type) {
    case 'order':
      return fact.side === 'buyer' && fact.counterparty !== '';
    case 'return':
      return fact.side === 'buyer' && fact.forward;
    case 'merge':
    case 'absorb':
      return true;
    default:
      return false;
  }
}

/** Own acts that show a seller at work. */
export const SELLER_ACTS: ReadonlySet<Act> = new Set<Act>([
  'selling_page',
  'listing_start',
  'listing',
  'price_change',
  'listing_removal',
  'authentication',
  'shipment',
]);

function foldOrder(
  windows: PersonWindows,
  fact: OrderFact,
  now: Instant,
  usual: UsualPrices,
  output: FoldOutput,
): FoldOutcome {
  const { entry, fresh, introduced } = ledgerOf(windows, fact.side).place(fact.orderKey, fact.at, now, {
    grossMinor: fact.grossMinor,
    discounted: fact.discounted,
    priceScore: priceScore(fact, usual),
    counterparty: fact.counterparty,
  });
  if (fact.side === 'buyer' && introduced) forwardReturns(entry, output);
  if (!fresh) return 'restated';
  for (const line of fact.priced) output.price(line.category, line.priceMinor);
  return 'applied';
}

function foldReturn(windows: PersonWindows, fact: ReturnFact, output: FoldOutput): FoldOutcome {
  const entry = ledgerOf(windows, fact.side).takeBack(
    fact.orderKey,
    fact.at,
    fact.returnKey,
    fact.amountMinor,
    fact.cancelled,
  );
  if (fact.forward && fact.side === 'buyer') {
    for (const personId of sellersToTell(entry, fact.amountMinor)) {
      const key = hash48(`${fact.key}:forward`);
      output.send({ personId, fact: { ...fact, side: 'seller', key, forward: false } });
    }
  }
  return 'applied';
}

/**
 * Tells the seller of a buyer's order what was taken back before the order, or who sold it, was known.
 * Harmless when the seller knows: their ledger tells doubles by `returnKey`.
 */
export function forwardReturns(entry: LedgerEntry, output: Pick<FoldOutput, 'send'>): void {
  const waited = entry.returns.map(({ key, amountMinor }) => ({
    returnKey: key,
    amountMinor,
    cancelled: false,
  }));
  if (entry.cancelled) waited.push({ returnKey: entry.key, amountMinor: null, cancelled: true });
  for (const back of waited) {
    for (const personId of sellersToTell(entry, back.amountMinor)) {
      output.send({
        personId,
        fact: {
          type: 'return',
          key: hash48(`${entry.key}:${back.returnKey}:waited`),
          at: instant(entry.placedAt),
          own: false,
          side: 'seller',
          orderKey: entry.key,
          ...back,
          forward: false,
        },
      });
    }
  }
}

/** All sellers of an order given back whole; of one given back in part only a single seller, who else would it be from. */
function sellersToTell({ counterparty }: LedgerEntry, amountMinor: number | null): readonly string[] {
  const sellers = counterparty === '' ? [] : counterparty.split(BETWEEN_SELLERS);
  return sellers.length > 1 && amountMinor !== null ? [] : sellers;
}

/** 100 × log2 of price over the category's usual price, mean over comparable lines, within ±10 octaves. */
function priceScore(fact: OrderFact, usualPrices: UsualPrices): number {
  let sum = 0;
  let n = 0;
  for (const line of fact.priced) {
    const usual = Object.hasOwn(usualPrices, line.category) ? usualPrices[line.category] : undefined;
    if (usual === undefined || !(usual > 0) || line.priceMinor <= 0) continue;
    sum += Math.max(-1000, Math.min(1000, 100 * Math.log2(line.priceMinor / usual)));
    n++;
  }
  return n === 0 ? NO_PRICE_SCORE : Math.round(sum / n);
}
