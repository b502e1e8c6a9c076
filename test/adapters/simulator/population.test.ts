import { describe, expect, it } from 'vitest';
import { Population } from '../../../src/adapters/simulator/population.ts';
import { PERSON_TYPES, TRAITS } from '../../../src/adapters/simulator/person-types.ts';
import { truthOf } from '../../../src/adapters/simulator/truth.ts';
import { countBy, STARTS_AT } from './a-marketplace.ts';

const OPTIONS = { people: 20_000, days: 400, seed: 5, startAt: STARTS_AT };

describe('Population', () => {
  const people = new Population(OPTIONS);
  const truth = [...truthOf(OPTIONS)];

  it('keeps less than 40 bytes an account, all of it in typed arrays', () => {
    const columns = Object.values(people).filter((value) => ArrayBuffer.isView(value));
    expect(columns.reduce((bytes, column) => bytes + column.byteLength, 0)).toBeLessThan(40 * OPTIONS.people);
    const others = Object.values(people).filter((value) => !ArrayBuffer.isView(value));
    expect(others.every((value) => typeof value === 'number' || value === people.options)).toBe(true);
  });

  it('deals every number once', () => {
    const ids = truth.map((person) => person.personId);
    expect(new Set(ids).size).toBe(OPTIONS.people);
    expect(ids.every((id) => /^p\d{7}$/.test(id))).toBe(true);
  });

  it('shares out the types as the traits say', () => {
    expect(PERSON_TYPES).toEqual(TRAITS.map((traits) => traits.type));
    expect(TRAITS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    const counts = countBy(truth, (person) => person.type);
    for (const { type, share, interests } of TRAITS) {
      expect((counts.get(type) ?? 0) / OPTIONS.people).toBeCloseTo(share, 1);
      expect(interests.reduce((sum, interest) => sum + interest, 0)).toBeCloseTo(1, 12);
    }
  });

  it('has numbers that tell nothing about type, joining or who is tied to whom', () => {
    const ordered = [...truth].sort((a, b) => (a.personId < b.personId ? -1 : 1));
    const half = OPTIONS.people / 2;
    for (const is of [
      (i: number) => ordered[i]?.type === 'dealer',
      (i: number) => ordered[i]?.type === 'collector',
      (i: number) => ordered[i]?.joinedAt !== null,
      (i: number) => ordered[i]?.leftAt !== null,
    ]) {
      const all = ordered.filter((_, i) => is(i)).length;
      const low = ordered.filter((_, i) => i < half && is(i)).length;
      expect(low / all).toBeGreaterThan(0.44);
      expect(low / all).toBeLessThan(0.56);
      const together = ordered.filter((_, i) => is(i) && is(i + 1)).length;
      expect(together / all).toBeCloseTo(all / OPTIONS.people, 1);
    }
    const neighbours = ordered.filter(
      (person, i) => person.fraud === 'wash' && ordered[i + 1]?.fraud === 'wash',
    );
    expect(neighbours.length).toBeLessThan(5);
  });

  it('plans leaving, pauses, rings, look-alikes and merges in believable numbers', () => {
    const reasons = countBy(truth, (person) => person.leaveReason);
    for (const reason of ['falling_visits', 'slow_after_sales', 'unsold_listings', 'sudden']) {
      expect(reasons.get(reason) ?? 0).toBeGreaterThan(OPTIONS.people * 0.01);
    }
    expect(reasons.get('none') ?? 0).toBeGreaterThan(OPTIONS.people * 0.4);
    const frauds = countBy(truth, (person) => person.fraud);
    expect(frauds.get('wash') ?? 0).toBeGreaterThan(60);
    expect(frauds.get('wash') ?? 0).toBeLessThan(120);
    expect(frauds.get('look_alike')).toBe(80);
    expect(truth.filter((person) => person.mergedInto !== null)).toHaveLength(40);
    expect(truth.filter((person) => person.pausedAt !== null).length).toBeGreaterThan(800);
  });

  it('works for a single person, and ties nobody where there are too few', () => {
    for (let size = 1; size < 40; size++) {
      const few = [...truthOf({ ...OPTIONS, people: size })];
      expect(new Set(few.map((person) => person.personId)).size).toBe(size);
      expect(few.every((person) => person.fraud === 'none' && person.mergedInto === null)).toBe(true);
    }
  });
});
