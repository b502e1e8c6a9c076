import type { ByteReader, ByteWriter } from '../bytes.ts';
import { NO_PRICE_SCORE, type LedgerEntry } from './ledger-entry.ts';

const DISCOUNTED = 1;
const CANCELLED = 2;
const SCORED = 4;
const KNOWN_COUNTERPARTY = 8;
const RETURNED = 16;
const SHIPPED = 32;
const WAITING = 64;

/**
 * Entries are written newest first, each time as the distance to the one before (`nextAt`, 0 for the first).
 * @returns the `nextAt` for the entry that follows
 */
export function writeEntry(writer: ByteWriter, entry: LedgerEntry, nextAt: number): number {
  const waiting = entry.placedAt === 0;
  writer.byte(
    (entry.discounted ? DISCOUNTED : 0) |
      (entry.cancelled ? CANCELLED : 0) |
      (entry.priceScore === NO_PRICE_SCORE ? 0 : SCORED) |
      (entry.counterparty === '' ? 0 : KNOWN_COUNTERPARTY) |
      (entry.returns.length === 0 ? 0 : RETURNED) |
      (entry.shippedAt === 0 ? 0 : SHIPPED) |
      (waiting ? WAITING : 0),
  );
  writer.fixed48(entry.key);
  if (waiting) writer.unsigned(entry.noticedAt);
  else {
    writer.unsigned(nextAt === 0 ? entry.placedAt : nextAt - entry.placedAt);
    writer.unsigned(entry.grossMinor);
  }
  if (entry.priceScore !== NO_PRICE_SCORE) writer.signed(entry.priceScore);
  if (entry.counterparty !== '') writer.string(entry.counterparty);
  if (entry.shippedAt !== 0) writer.signed(entry.shippedAt - entry.placedAt);
  if (entry.returns.length > 0) {
    writer.unsigned(entry.returns.length);
    for (const back of entry.returns) {
      writer.fixed48(back.key);
      writer.unsigned(back.amountMinor === null ? 0 : back.amountMinor + 1);
    }
  }
  return waiting ? nextAt : entry.placedAt;
}

export function readEntry(reader: ByteReader, nextAt: number): LedgerEntry {
  const flags = reader.byte();
  const key = reader.fixed48();
  let placedAt = 0;
  let noticedAt;
  let grossMinor = 0;
  if ((flags & WAITING) !== 0) noticedAt = reader.unsigned();
  else {
    const distance = reader.unsigned();
    placedAt = nextAt === 0 ? distance : nextAt - distance;
    noticedAt = placedAt;
    grossMinor = reader.unsigned();
  }
  return {
    key,
    placedAt,
    noticedAt,
    grossMinor,
    discounted: (flags & DISCOUNTED) !== 0,
    cancelled: (flags & CANCELLED) !== 0,
    priceScore: (flags & SCORED) !== 0 ? reader.signed() : NO_PRICE_SCORE,
    counterparty: (flags & KNOWN_COUNTERPARTY) !== 0 ? reader.string() : '',
    shippedAt: (flags & SHIPPED) !== 0 ? placedAt + reader.signed() : 0,
    returns: (flags & RETURNED) !== 0 ? readReturns(reader) : [],
  };
}

function readReturns(reader: ByteReader): LedgerEntry['returns'] {
  const returns: LedgerEntry['returns'] = [];
  for (let n = reader.unsigned(); n > 0; n--) {
    const key = reader.fixed48();
    const amount = reader.unsigned();
    returns.push({ key, amountMinor: amount === 0 ? null : amount - 1 });
  }
  return returns;
}
