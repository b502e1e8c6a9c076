import type { Fact } from '../../events/fact.ts';
import { counts, unplacedEntry, type LedgerEntry } from '../../features/ledger-entry.ts';
import type { Instant } from '../../time.ts';

/** Did a person order in a time to come? 1: no, they churned; 0: they did; undefined: that time is not over. */
export type ChurnLabel = 0 | 1 | undefined;

/**
 * Every order people placed, as known so far, without the limits of a window: what labels are made of. An order
 * counts while it is neither cancelled nor given back in full, in whatever order its facts came; of two accounts
 * that were merged both are the person that remains.
 */
export class OrderBook {
  private readonly orders = new Map<string, Map<number, LedgerEntry>>();
  private readonly mergedInto = new Map<string, string>();

  /** Takes note of a fact about a person; facts that are none of a buyer's order change nothing. Idempotent. */
  note(personId: string, fact: Fact): void {
    if (fact.type === 'merge') this.merge(personId, fact.into);
    else if (fact.type === 'order' && fact.side === 'buyer') {
      const entry = this.entryOf(personId, fact.orderKey);
      entry.placedAt = entry.placedAt === 0 ? fact.at : Math.min(entry.placedAt, fact.at);
      entry.grossMinor = Math.max(entry.grossMinor, fact.grossMinor);
    } else if (fact.type === 'return' && fact.side === 'buyer') {
      const entry = this.entryOf(personId, fact.orderKey);
      const known = entry.returns.find(({ key }) => key === fact.returnKey);
      if (fact.cancelled) entry.cancelled = true;
      else if (known === undefined)
        entry.returns.push({ key: fact.returnKey, amountMinor: fact.amountMinor });
      else if (known.amountMinor !== null)
        known.amountMinor = fact.amountMinor === null ? null : Math.max(known.amountMinor, fact.amountMinor);
    }
  }

  /**
   * Whether the person placed no order that counts in (`from`, `until`]. `observedUntil`: up to where orders are
   * known at all; a time that ends later has no label.
   */
  labelOf(personId: string, from: Instant, until: Instant, observedUntil: Instant): ChurnLabel {
    if (until > observedUntil) return undefined;
    const orders = this.orders.get(this.remaining(personId));
    if (orders !== undefined) {
      for (const entry of orders.values())
        if (entry.placedAt > from && entry.placedAt <= until && counts(entry)) return 0;
    }
    return 1;
  }

  /** The first order after `from` that counts; undefined when there is none. */
  nextOrderAt(personId: string, from: Instant): Instant | undefined {
    let next: number | undefined;
    for (const entry of this.orders.get(this.remaining(personId))?.values() ?? [])
      if (entry.placedAt > from && counts(entry) && !(entry.placedAt >= (next ?? Infinity)))
        next = entry.placedAt;
    return next as Instant | undefined;
  }

  private entryOf(personId: string, key: number): LedgerEntry {
    const id = this.remaining(personId);
    let orders = this.orders.get(id);
    if (orders === undefined) this.orders.set(id, (orders = new Map<number, LedgerEntry>()));
    let entry = orders.get(key);
    if (entry === undefined) orders.set(key, (entry = unplacedEntry(key, 0)));
    return entry;
  }

  private merge(previous: string, into: string): void {
    const [from, to] = [this.remaining(previous), this.remaining(into)];
    if (from === to) return;
    this.mergedInto.set(from, to);
    const moved = this.orders.get(from);
    if (moved === undefined) return;
    this.orders.delete(from);
    for (const theirs of moved.values()) {
      const mine = this.entryOf(to, theirs.key);
      if (theirs.placedAt > 0)
        mine.placedAt = mine.placedAt === 0 ? theirs.placedAt : Math.min(mine.placedAt, theirs.placedAt);
      mine.grossMinor = Math.max(mine.grossMinor, theirs.grossMinor);
      mine.cancelled ||= theirs.cancelled;
      for (const back of theirs.returns)
        if (!mine.returns.some(({ key }) => key === back.key)) mine.returns.push(back);
    }
  }

  private remaining(personId: string): string {
    let id = personId;
    for (let next = this.mergedInto.get(id); next !== undefined; next = this.mergedInto.get(id)) id = next;
    return id;
  }
}
