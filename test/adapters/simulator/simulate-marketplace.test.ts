import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PERSON_TYPES } from '../../../src/adapters/simulator/person-types.ts';
import { LEAVE_REASONS } from '../../../src/adapters/simulator/plans.ts';
import { SIMULATED_EVENTS } from '../../../src/adapters/simulator/simulated-events.ts';
import { simulateMarketplace } from '../../../src/adapters/simulator/simulate-marketplace.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/core/time.ts';
import { countBy, runMarketplace, STARTS_AT } from './a-marketplace.ts';

const OPTIONS = { people: 500, days: 30, seed: 42, startAt: STARTS_AT };

function hashOf(options: Parameters<typeof simulateMarketplace>[0]): string {
  const hash = createHash('sha256');
  for (const block of simulateMarketplace(options)) hash.update(JSON.stringify(block));
  return hash.digest('hex');
}

describe('simulateMarketplace', () => {
  it('is the same stream for the same options, on every version of Node', () => {
    const hash = hashOf(OPTIONS);
    expect(hashOf(OPTIONS)).toBe(hash);
    expect(hash).toMatchInlineSnapshot(`"861f8fd8929d675dcb4dd5938f3e41f1398b1dc734e8113307676b8026ac679e"`);
  });

  it('is another stream for another seed', () => {
    expect(hashOf({ ...OPTIONS, seed: 43 })).not.toBe(hashOf(OPTIONS));
  });

  it('yields blocks in order of arrival, none empty, all within the run', () => {
    let last = Number(STARTS_AT);
    for (const block of simulateMarketplace({ ...OPTIONS, lateRate: 0.1, duplicateRate: 0.1 })) {
      expect(block.length).toBeGreaterThan(0);
      for (const { receivedAt, event } of block) {
        if (receivedAt < last) expect(receivedAt).toBeGreaterThanOrEqual(last);
        last = receivedAt;
        if (!Number.isInteger(receivedAt) || !Number.isInteger(event.at)) expect(receivedAt).toBe('whole');
      }
    }
    expect(last).toBeLessThan(STARTS_AT + OPTIONS.days * DAY_MS);
  });

  it('delays, repeats and misdates at about the stated rates', () => {
    const rates = { lateRate: 0.05, duplicateRate: 0.03, futureRate: 0.01 };
    const { records } = runMarketplace({ ...OPTIONS, people: 1_000, days: 60, ...rates });
    const timesSeen = countBy(records, ({ event }) => event.messageId);
    const distinct = timesSeen.size;
    const repeated = [...timesSeen.values()].filter((times) => times > 1).length;
    expect([...timesSeen.values()].every((times) => times <= 2)).toBe(true);
    expect(repeated / distinct).toBeCloseTo(rates.duplicateRate, 2);

    const late = records.filter(({ receivedAt, event }) => receivedAt - event.at >= 10 * MINUTE_MS);
    expect(late.length / records.length).toBeCloseTo(rates.lateRate, 2);
    expect(late.some(({ receivedAt, event }) => receivedAt - event.at > DAY_MS)).toBe(true);
    const future = records.filter(({ receivedAt, event }) => event.at - receivedAt > 5 * MINUTE_MS);
    expect(future.length / records.length).toBeCloseTo(rates.futureRate, 2);
    expect(future.length).toBeGreaterThan(0);
    expect(future.every(({ event }) => event.name !== 'Order Completed')).toBe(true);
  });

  it('tells the same story over a good line and a bad one', () => {
    const stories = [0, 0.2].map((lateRate) => {
      const { events } = runMarketplace({ ...OPTIONS, lateRate });
      return new Map(events.map((event) => [event.messageId, event]));
    });
    const [good, bad] = stories;
    expect(bad?.size).toBeGreaterThan(1_000);
    for (const [messageId, event] of bad ?? []) expect(good?.get(messageId)).toEqual(event);
  });

  const { events, named, truth } = runMarketplace({ people: 1_500, days: 150 });

  it('sends every event it claims, and no other', () => {
    expect([...new Set(events.map((event) => event.name))].sort()).toEqual(
      Object.keys(SIMULATED_EVENTS).sort(),
    );
  });

  it('gives every event its own messageId and a known person', () => {
    expect(new Set(events.map((event) => event.messageId)).size).toBe(events.length);
    expect(events.every((event) => truth.has(event.personId))).toBe(true);
  });

  it('never lets truth into an event', () => {
    const words = [...PERSON_TYPES, ...LEAVE_REASONS, 'wash', 'look_alike', 'fraud', 'sudden', 'shopper'];
    const telling = new RegExp(words.filter((word) => word !== 'none').join('|'));
    expect(events.filter((event) => telling.test(JSON.stringify(event)))).toEqual([]);
  });

  it('spreads activity very unevenly', () => {
    const counts = [...countBy(events, (event) => event.personId).values()].sort((a, b) => b - a);
    const share = (part: number): number =>
      counts.slice(0, Math.ceil(counts.length * part)).reduce((a, b) => a + b, 0) / events.length;
    expect(share(0.01)).toBeGreaterThan(0.08);
    expect(share(0.1)).toBeGreaterThan(0.4);
    expect(counts[counts.length >> 1]).toBeLessThan((0.5 * events.length) / counts.length);
  });

  it('keeps hours and weeks: busy evenings in China, quiet nights, livelier weekends', () => {
    const views = named('Product Viewed');
    const localHour = countBy(views, ({ at }) => String(Math.floor((at / HOUR_MS + 8) % 24)));
    expect(localHour.get('21') ?? 0).toBeGreaterThan(8 * (localHour.get('4') ?? 0));
    const weekday = countBy(views, ({ at }) => String(new Date(at + 8 * HOUR_MS).getUTCDay()));
    expect(weekday.get('6') ?? 0).toBeGreaterThan(1.1 * (weekday.get('2') ?? 0));
  });

  it('lets people sign up, once, before anything else they do', () => {
    const joined = new Map([...truth].filter(([, person]) => person.joinedAt !== null));
    const signedUp = named('Signed Up');
    expect(signedUp.length / joined.size).toBeGreaterThan(0.97);
    const first = new Map<string, string>();
    for (const event of [...events].sort((a, b) => a.at - b.at)) {
      if (!first.has(event.personId)) first.set(event.personId, event.name);
    }
    for (const { personId } of signedUp) expect(first.get(personId)).toBe('Signed Up');
  });

  it('scales counts per person with intensity', () => {
    const twice = runMarketplace({ ...OPTIONS, people: 1_000, intensity: 2 });
    const once = runMarketplace({ ...OPTIONS, people: 1_000 });
    expect(twice.events.length / once.events.length).toBeGreaterThan(1.6);
    expect(twice.events.length / once.events.length).toBeLessThan(2.4);
  });
});
