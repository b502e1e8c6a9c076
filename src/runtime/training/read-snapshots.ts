import { interpret, type MoneyRules } from '../../core/events/interpret.ts';
import { settleFrom, type PersonWindows } from '../../core/features/person-windows.ts';
import { readPerson } from '../../core/person-codec.ts';
import type { OrderBook } from '../../core/scoring/churn/order-book.ts';
import type { Policy } from '../../core/tagging/policy.ts';
import { rulebookOf } from '../../core/tagging/rulebook.ts';
import { NEVER, instant, latest, plus, type Instant } from '../../core/time.ts';
import type { EventSource, SourceRecord } from '../../ports/event-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { StreamProcessor } from '../stream-processor.ts';
import { isUsable, nextPart } from '../turns.ts';

const TURN_RECORDS = 16_384;
const CACHE_PEOPLE = 0;

/** What is read off a history. Callbacks come in the order of the instants. */
export interface SnapshotReading {
  readonly source: EventSource;
  /** Empty; of people without tags. */
  readonly store: StateStore;
  readonly money: MoneyRules;
  /** Ascending, without repeats. One that the history does not reach is taken at its end; NEVER is that end. */
  readonly instants: readonly Instant[];
  /** Gets every order, refund, cancellation and merge as it arrives. */
  readonly book?: OrderBook;
  /** Those who have an order that counts unless it is everybody who did anything. */
  readonly who?: 'buyers' | 'everybody';
  /** Each of them once, as the windows stand at the instant. */
  readonly onPerson: (personId: string, windows: PersonWindows, at: Instant) => void;
  /** After everybody: the book knows what had arrived by then, and no more. */
  readonly onSnapshot?: (at: Instant) => void;
  readonly onProgress?: (recordsRead: number) => void;
  readonly signal?: AbortSignal;
}

export interface SnapshotResult {
  readonly read: number;
  /** First and last arrival; the last is up to when the history knows everything. */
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/**
 * Reads a history once, folding it with the code that serves, and looks at everyone at each of the instants: after
 * all that had arrived by then, before anything else. What arrives later leaves no trace in a snapshot.
 */
export async function readSnapshots(reading: SnapshotReading): Promise<SnapshotResult> {
  const { source, store, money, instants, book, onProgress, signal } = reading;
  const processor = new StreamProcessor({
    store,
    rulebook: rulebookOf(withoutTags(money)),
    cachePeople: CACHE_PEOPLE,
    muteTriggers: true,
  });
  await processor.start();
  let next = 0;
  let read = 0;
  let firstAt = NEVER;
  let lastAt = instant(0);
  for await (const block of source.read({})) {
    for (let at = 0; at < block.length;) {
      signal?.throwIfAborted();
      const first = block[at];
      if (first !== undefined && isUsable(first))
        for (; first.receivedAt > (instants[next] ?? NEVER); next++)
          await take(processor, reading, instants[next] ?? NEVER);
      const until = instants[next] ?? NEVER;
      const part = nextPart(block, at, TURN_RECORDS - processor.turnRecords, plus(until, 1));
      for (const record of part) {
        if (!isUsable(record)) continue;
        if (record.receivedAt < firstAt) firstAt = record.receivedAt;
        lastAt = latest(lastAt, record.receivedAt);
        if (book !== undefined) noteOrders(record, money, book);
      }
      processor.take(part);
      at += part.length;
      read += part.length;
      if (processor.turnRecords < TURN_RECORDS) continue;
      await processor.commit();
      onProgress?.(read);
    }
  }
  for (; next < instants.length; next++) {
    const at = instants[next] ?? NEVER;
    await take(processor, reading, at === NEVER ? lastAt : at);
  }
  return { read, firstAt, lastAt };
}

async function take(
  processor: StreamProcessor,
  { store, who, onPerson, onSnapshot }: SnapshotReading,
  at: Instant,
): Promise<void> {
  await processor.commit();
  for (const claim of processor.currentClaims) {
    for await (const page of store.people(claim)) {
      for (const { personId, record } of page) {
        const { windows } = readPerson(record);
        if (windows.mergedInto !== '') continue;
        if (who !== 'everybody' && (windows.orders?.totalCount ?? 0) === 0) continue;
        settleFrom(windows.clock, windows, at);
        onPerson(personId, windows, at);
      }
    }
  }
  onSnapshot?.(at);
}

const OF_ORDERS: ReadonlySet<string> = new Set([
  'Order Completed',
  'Order Refunded',
  'Order Cancelled',
  'Account Merged',
]);

function noteOrders({ event, receivedAt }: SourceRecord, money: MoneyRules, book: OrderBook): void {
  if (!event.ok || !OF_ORDERS.has(event.value.name)) return;
  const facts = interpret(event.value, receivedAt, money);
  if (facts.ok) for (const { personId, fact } of facts.value) book.note(personId, fact);
}

/** Nobody is asked anything: only windows are kept. */
function withoutTags({ currency, rates }: MoneyRules): Policy {
  return {
    name: 'snapshots',
    version: 'snapshots',
    currency,
    rates,
    utcOffsetMs: 0,
    reviewEvery: 'quarter',
    scores: [],
    dimensions: [],
    triggers: [],
  };
}
