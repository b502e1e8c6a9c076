import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineOrder } from '../../src/adapters/files/combine-order.ts';
import { netReturns } from '../../src/adapters/files/net-returns.ts';
import type { PlacedLine } from '../../src/adapters/files/row-format.ts';
import { instant } from '../../src/core/time.ts';

/** One person's invoices; a line is a product, a number of pieces and a price in cents. */
interface Invoice {
  readonly isReturn: boolean;
  readonly hour: number;
  readonly lines: readonly { readonly product: string; readonly pieces: number; readonly cents: number }[];
}

const invoice: fc.Arbitrary<Invoice> = fc.record({
  isReturn: fc.boolean(),
  hour: fc.integer({ min: 0, max: 5 }),
  lines: fc.array(
    fc.record({
      product: fc.constantFrom('A', 'B'),
      pieces: fc.integer({ min: 0, max: 4 }),
      cents: fc.constantFrom(0, 100, 250),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

const names = (file: number, line: number) => `${file}:${line}`;

function placedLines(invoices: readonly Invoice[]): PlacedLine[] {
  let row = 1;
  return invoices.flatMap(({ isReturn, hour, lines }, i) =>
    lines.map(({ product, pieces, cents }) => ({
      group: 'p',
      at: instant(hour * 3_600_000 + 1e12),
      file: 0,
      row: row++,
      item: {
        personId: 'p',
        orderId: `${isReturn ? 'C' : ''}${i}`,
        valueMinor: pieces * cents,
        productId: product,
        quantity: pieces,
        unitPrice: cents / 100,
        ...(isReturn ? { isReturn } : {}),
      },
    })),
  );
}

/** Piece by piece: every piece bought lies on a pile, and every piece returned is looked for on it. */
function netPieceByPiece(invoices: readonly Invoice[]) {
  const pile: { order: string; product: string; cents: number; isThere: boolean }[] = [];
  const ordered = invoices.map((each, i) => ({ ...each, i })).sort((a, b) => a.hour - b.hour || a.i - b.i);
  let unmatchedRows = 0;
  for (const { isReturn, lines, i } of ordered) {
    for (const { product, pieces, cents } of lines) {
      let found = 0;
      for (let n = 0; n < pieces; n++) {
        if (!isReturn) {
          pile.push({ order: String(i), product, cents, isThere: true });
          continue;
        }
        const there = pile.filter((piece) => piece.isThere && piece.product === product);
        const piece = there.findLast((one) => one.cents === cents) ?? there.at(-1);
        if (piece === undefined) continue;
        piece.isThere = false;
        found += 1;
      }
      if (isReturn && found === 0) unmatchedRows += 1;
    }
  }
  const leftByOrder = new Map<string, number>();
  for (const { order, cents, isThere } of pile) {
    leftByOrder.set(order, (leftByOrder.get(order) ?? 0) + (isThere ? cents : 0));
  }
  return { leftByOrder, unmatchedRows };
}

describe('netting returns', () => {
  it('leaves each order what a search piece by piece leaves it', () => {
    fc.assert(
      fc.property(fc.array(invoice, { maxLength: 8 }), (invoices) => {
        const lines = placedLines(invoices);
        const drafts = netReturns(lines, names);
        const left = new Map<string, number>();
        let unmatchedRows = 0;
        for (const { event, rejection } of drafts) {
          if (rejection?.reason === 'unmatched_return') unmatchedRows += 1;
          const { orderId, totalMinor = 0 } = event?.properties ?? {};
          if (orderId === undefined) continue;
          const sign = event?.name === 'Order Completed' ? 1 : -1;
          left.set(orderId, (left.get(orderId) ?? 0) + sign * totalMinor);
        }
        const oracle = netPieceByPiece(invoices);
        for (const [order, cents] of left) expect(cents).toBe(oracle.leftByOrder.get(order) ?? 0);
        expect(unmatchedRows).toBe(oracle.unmatchedRows);
        expect(drafts.reduce((sum, draft) => sum + draft.rows, 0)).toBe(lines.length);
        const ids = drafts.map(({ event }, i) => event?.messageId ?? i);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('never takes out more than was paid, and an order returned whole ends at zero', () => {
    const price = fc.integer({ min: 0, max: 10_000 }).map((mills) => mills / 1000);
    const sold = fc.record({ quantity: fc.integer({ min: 1, max: 9 }), unitPrice: price });
    fc.assert(
      fc.property(
        sold,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }),
        ({ quantity, unitPrice }, returns) => {
          const valueMinor = combineCents(quantity, unitPrice);
          const common = { group: 'p', at: instant(1e12), file: 0 };
          const item = { personId: 'p', productId: 'A', unitPrice };
          const lines: PlacedLine[] = [
            { ...common, row: 1, item: { ...item, orderId: '1', valueMinor, quantity } },
            ...[...returns, quantity].map((pieces, i) => ({
              ...common,
              row: i + 2,
              item: { ...item, orderId: `C${i}`, valueMinor: 0, quantity: pieces, isReturn: true },
            })),
          ];
          const [order, ...refunds] = netReturns(lines, names);
          const back = refunds.map(({ event }) => event?.properties.totalMinor ?? 0);
          expect(back.every((minor) => minor >= 0)).toBe(true);
          expect(back.reduce((sum, minor) => sum + minor, 0)).toBe(order?.event?.properties.totalMinor);
        },
      ),
    );
  });
});

describe('line items', () => {
  it('add up to their order', () => {
    fc.assert(
      fc.property(invoice, (drawn) => {
        const lines = placedLines([{ ...drawn, isReturn: false }]);
        const [order] = combineOrder(lines, names);
        expect(order?.rows).toBe(lines.length);
        expect(order?.event?.properties.totalMinor).toBe(
          lines.reduce((sum, { item }) => sum + item.valueMinor, 0),
        );
      }),
    );
  });
});

function combineCents(quantity: number, unitPrice: number): number {
  return Math.round(Number((quantity * unitPrice * 100).toFixed(6)));
}
