import type { EventProperties } from '../../core/events/event.ts';
import { toMinor } from '../../core/money.ts';
import { combineOrder } from './combine-order.ts';
import type { Draft } from './draft.ts';
import type { PlacedLine, RowNames } from './row-format.ts';

/** What is left of one order line. */
interface OpenLine {
  readonly orderId: string;
  readonly unitPrice: number;
  quantity: number;
}

/**
 * One person's order lines and returns to orders and refunds. Lines that share an invoice number are one
 * document at the time of its first line, and documents follow one another by time, then as they stand in the
 * file. A return names no order: it takes pieces out of what the person has bought before and still holds of
 * that product, first at the same unit price, then at any other, the latest purchase first. What is taken out is
 * worth what was paid for it, so that an order returned piece by piece ends at exactly zero.
 *
 * A return row becomes one refund for each order it takes from, of which the first stands for the row. A return
 * that matches in part counts as matched; one that matches nothing is rejected as `unmatched_return`.
 */
export function netReturns(lines: readonly PlacedLine[], names: RowNames): Draft[] {
  const drafts: Draft[] = [];
  const openByProduct = new Map<string, OpenLine[]>();
  for (const document of documentsInOrder(lines)) {
    const first = document[0];
    if (first === undefined) continue;
    if (first.item.isReturn !== true) {
      drafts.push(...combineOrder(document, names));
      for (const line of document) keepOpen(openByProduct, line);
      continue;
    }
    for (const line of document) {
      const open = openByProduct.get(line.item.productId ?? '') ?? [];
      drafts.push(...refundsOf({ ...line, at: first.at }, open, names));
    }
  }
  return drafts;
}

function documentsInOrder(lines: readonly PlacedLine[]): PlacedLine[][] {
  const documents = new Map<string, PlacedLine[]>();
  for (const line of lines) {
    const document = documents.get(line.item.orderId);
    if (document === undefined) documents.set(line.item.orderId, [line]);
    else document.push(line);
  }
  return [...documents.values()].sort(([a], [b]) =>
    a === undefined || b === undefined ? 0 : a.at - b.at || a.file - b.file || a.row - b.row,
  );
}

function keepOpen(openByProduct: Map<string, OpenLine[]>, { item }: PlacedLine): void {
  const { orderId, productId: product = '', unitPrice = 0, quantity = 0 } = item;
  if (quantity <= 0) return;
  const open = openByProduct.get(product) ?? [];
  openByProduct.set(product, open);
  open.push({ orderId, unitPrice, quantity });
}

function refundsOf(line: PlacedLine, open: OpenLine[], names: RowNames): Draft[] {
  const { at, file, row, item } = line;
  const { personId, productId, quantity: returned = 0, unitPrice = 0 } = item;
  const taken = takeOut(open, returned, unitPrice);
  const raw = line.raw === undefined ? {} : { raw: line.raw };
  const place = { at, file, line: row, ...raw };
  if (taken.size === 0) {
    const detail = `${personId} returned ${returned} of ${productId ?? ''} and holds none bought earlier`;
    return [{ ...place, part: 0, rows: 1, rejection: { reason: 'unmatched_return', detail } }];
  }
  return [...taken].map(([orderId, { totalMinor, quantity }], part) => {
    const messageId = `${names(file, row)}>${orderId}`;
    const properties: EventProperties = {
      orderId,
      totalMinor,
      refundId: messageId,
      ...(productId === undefined ? {} : { productId }),
      quantity,
    };
    const event = { messageId, personId, at, name: 'Order Refunded', properties };
    return { ...place, part, rows: part === 0 ? 1 : 0, event };
  });
}

/** Takes up to `wanted` pieces out of `open` (oldest first) and tells what was taken from which order. */
function takeOut(
  open: OpenLine[],
  wanted: number,
  unitPrice: number,
): Map<string, { totalMinor: number; quantity: number }> {
  const taken = new Map<string, { totalMinor: number; quantity: number }>();
  let left = wanted;
  for (const isSamePrice of [true, false]) {
    for (let i = open.length - 1; i >= 0 && left > 0; i--) {
      const line = open[i];
      if (line === undefined || (line.unitPrice === unitPrice) !== isSamePrice) continue;
      const quantity = Math.min(left, line.quantity);
      const before = toMinor(line.quantity * line.unitPrice, '');
      line.quantity -= quantity;
      left -= quantity;
      const totalMinor = before - toMinor(line.quantity * line.unitPrice, '');
      const sofar = taken.get(line.orderId);
      taken.set(line.orderId, {
        totalMinor: (sofar?.totalMinor ?? 0) + totalMinor,
        quantity: (sofar?.quantity ?? 0) + quantity,
      });
      if (line.quantity <= 0) open.splice(i, 1);
    }
  }
  return taken;
}
