import { describe, expect, it } from 'vitest';
import { newPerson } from '../../src/core/person.ts';
import { writePerson } from '../../src/core/person-codec.ts';
import { instant } from '../../src/core/time.ts';
import type { Claim } from '../../src/ports/state-store.ts';
import { PeopleHere } from '../../src/runtime/people-here.ts';

const CLAIM: Claim = { partition: 0, token: 't', offsets: {}, clock: instant(0), scoredBy: '' };

/** People of one partition, worked on turn by turn, and whom the store was asked for. */
function workOn(cachePeople: number) {
  const asked: string[] = [];
  const records = new Map<string, Uint8Array>();
  const store = {
    partitions: 1,
    read: (_: Claim, ids: readonly string[]) => {
      asked.push(...ids);
      return Promise.resolve(ids.map((id) => records.get(id)));
    },
  };
  const people = new PeopleHere(store, new Set([0]), cachePeople);
  people.restart([CLAIM]);
  return {
    asked,
    people,
    turn: async (ids: readonly string[], clock: number) => {
      const residents = ids.map((id) => people.known(id));
      await people.load(residents);
      for (const { person } of residents) if (person !== undefined) person.windows.clock = instant(clock);
      const changes = people.changesOf(residents);
      for (const { personId, record } of changes) records.set(personId, record.slice());
      people.endTurn();
      return changes;
    },
  };
}

const recordAt = (clock: number): Uint8Array => {
  const person = newPerson();
  person.windows.clock = instant(clock);
  return writePerson(person);
};

describe('people who are worked on here', () => {
  it('are asked for in every turn without a cache, and come back as they were written', async () => {
    const { asked, turn } = workOn(0);
    await turn(['ann', 'bob'], 1000);
    expect(await turn(['ann', 'bob'], 2000)).toMatchObject([
      { personId: 'ann', record: recordAt(2000) },
      { personId: 'bob', record: recordAt(2000) },
    ]);
    expect(asked).toEqual(['ann', 'bob', 'ann', 'bob']);
  });

  it('are kept as records from turn to turn with one, whatever is written in between', async () => {
    const { asked, people, turn } = workOn(10);
    await turn(['ann'], 1000);
    for (let i = 0; i < 5; i++) await turn(['bob', 'cem'], 2000 + i);
    const ann = people.known('ann');
    expect(ann.person).toBeUndefined();
    expect(ann.record).toEqual(recordAt(1000));
    expect(asked).toEqual(['ann', 'bob', 'cem']);
  });

  it('are let go once more than twice the capacity of others came, or once pages of others fill the memory', async () => {
    const crowd = workOn(10);
    await crowd.turn(['ann'], 1000);
    for (let i = 0; i < 25; i++) await crowd.turn([`p${i}`], 1000);
    await crowd.turn(['ann'], 2000);
    expect(crowd.asked.filter((id) => id === 'ann')).toHaveLength(2);

    const few = workOn(10);
    await few.turn(['ann'], 1000);
    // A page is 1 kB at least, and counts twice; two generations of 20 kB.
    for (let i = 0; i < 25; i++) await few.turn(['bob'], 2000 + i);
    await few.turn(['ann'], 9000);
    expect(few.asked.filter((id) => id === 'ann')).toHaveLength(2);
    expect(few.asked.filter((id) => id === 'bob')).toHaveLength(1);
  });
});
