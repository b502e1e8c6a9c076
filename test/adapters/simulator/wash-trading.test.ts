import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { runMarketplace } from './a-marketplace.ts';

describe('wash traders and their honest look-alikes', () => {
  const { named, truth } = runMarketplace({ people: 4_000, days: 90, seed: 3 });
  const orders = named('Order Completed');
  const listedAt = new Map(named('Listing Created').map((event) => [event.properties.productId, event.at]));
  const viewed = new Set(named('Product Viewed').map((e) => `${e.personId} ${e.properties.productId}`));
  const trades = orders.map((order) => {
    const productId = order.properties.products?.[0]?.productId ?? '';
    return {
      buyer: order.personId,
      seller: order.properties.sellerId ?? '',
      minor: order.properties.totalMinor ?? 0,
      atOnce: order.at - (listedAt.get(productId) ?? 0) < 2 * MINUTE_MS,
      unseen: !viewed.has(`${order.personId} ${productId}`),
    };
  });
  const fraudOf = (id: string): string => truth.get(id)?.fraud ?? '';
  const within = trades.filter(
    ({ buyer, seller }) => fraudOf(buyer) === 'wash' && fraudOf(seller) === 'wash',
  );
  const pairs = new Set(trades.map(({ buyer, seller }) => `${buyer} ${seller}`));

  it('sell among themselves within two minutes of listing, unseen; nobody else does', () => {
    const staged = trades.filter((trade) => trade.atOnce && trade.unseen);
    expect(staged.length).toBeGreaterThan(20);
    expect(staged.every((trade) => within.includes(trade))).toBe(true);
    expect(trades.filter((trade) => trade.atOnce)).toHaveLength(staged.length);
  });

  it('trade in both directions', () => {
    const mutual = within.filter(({ buyer, seller }) => pairs.has(`${seller} ${buyer}`));
    expect(mutual.length).toBeGreaterThan(within.length * 0.7);
  });

  it('resemble a loyal collector by share of one counterparty, who looks first and never sells back', () => {
    const concentrated = (fraud: string): string[] =>
      [...truth.keys()].filter((id) => {
        if (fraudOf(id) !== fraud) return false;
        const own = trades.filter(({ buyer }) => buyer === id);
        const bySeller = new Map<string, number>();
        for (const { seller, minor } of own) bySeller.set(seller, (bySeller.get(seller) ?? 0) + minor);
        const all = own.reduce((sum, { minor }) => sum + minor, 0);
        return own.length >= 5 && Math.max(...bySeller.values()) > all / 2;
      });
    expect(concentrated('wash').length).toBeGreaterThan(3);
    const honest = concentrated('look_alike');
    expect(honest.length).toBeGreaterThan(1);
    for (const collector of honest) {
      const own = trades.filter(({ buyer }) => buyer === collector);
      expect(own.some((trade) => trade.atOnce || trade.unseen)).toBe(false);
      expect(
        own.every(({ seller }) => fraudOf(seller) !== 'look_alike' || !pairs.has(`${seller} ${collector}`)),
      ).toBe(true);
    }
  });
});
