import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markSnapshot } from '../../src/adapters/memory/state-snapshot.ts';
import { STATE_FILE } from '../../src/commands/embedded-run.ts';
import { instant } from '../../src/core/time.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ORDERS = `customer,date,amount
ann,2025-01-05,120.50
ann,2025-02-10,80
bob,2025-01-20,15
007,2025-03-01,9
`;

/** A folder in which time has come to the end of March. */
async function aFolder(until = '2025-03-31'): Promise<string> {
  const folder = temporaryFolder();
  const input = join(folder, 'orders.csv');
  const db = join(folder, 'db');
  writeFileSync(input, ORDERS);
  const map = 'person=customer,time=date,value=amount';
  await runForJson([
    ...['replay', '--format', 'csv', '--map', map, '--input', input],
    ...['--db', db, '--until', until],
  ]);
  return db;
}

describe('explain', () => {
  it('answers who somebody is, why, what comes next and what would change it', async () => {
    const db = await aFolder();
    const { code, stdout, stderr } = await runCommand(['explain', 'ann', '--db', db], { columns: 100 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Person ann, as of 2025-03-31T23:59:59.999Z\n');
    expect(stdout).toContain('With us since 2025-01-05, last seen on 2025-02-10 (49 days ago).');
    expect(stdout).toContain(
      'Bought for 200.50 CNY in 2 orders; the last order was on 2025-02-10 (49 days ago).',
    );
    expect(stdout).toContain('buyer_class: ordinary_buyer since 2025-01-05 (85 days)');
    expect(stdout).toMatch(/why +2 orders in all; the rule asks for at least 1/);
    expect(stdout).toMatch(
      /next +if nothing happens, becomes dormant_buyer on 2025-05-11T00:00:00\.000Z \(in 40 days\)/,
    );
    expect(stdout).toMatch(/could become +active_buyer with 1 more order within 90 days, by 2025-04-05/);
    expect(stdout).toMatch(/no tag so far\n[^]*compliance_review: could become due_diligence/);
    expect(stdout).toMatch(
      /2025-01-05 +buyer_class: none → ordinary_buyer, by what they did: 1 order in all/,
    );
  });

  it('answers in forty columns, too', async () => {
    const { stdout } = await runCommand(['explain', 'ann', '--db', await aFolder()], {
      ...{ columns: 40, isTerminal: true },
    });
    expect(stdout).toMatch(/\n {2}why\n {4}2 orders in all; the rule asks for\n {4}at least 1\n/);
    expect(stdout.split('\n').filter((text) => text.length > 40 && text.trim().includes(' '))).toEqual([]);
  });

  it('names no tag that only a model could give, and says where there is none', async () => {
    const { stdout } = await runCommand(['explain', 'ann', '--db', await aFolder()], { columns: 100 });
    expect(stdout).toMatch(/\n {2}style: no model in force\n {2}value_segment: no model in force\n/);
    expect(stdout).not.toContain('socialite');
    const told = await runForJson(['explain', 'ann', '--db', await aFolder()]);
    expect(told['withoutModel']).toEqual(['style', 'value_segment']);
  });

  it('looks ahead, as if nothing more happened', async () => {
    const db = await aFolder();
    const { stdout } = await runCommand(['explain', 'ann', '--db', db, '--at', '2025-12-31'], {
      columns: 100,
    });
    expect(stdout).toMatch(/from 2025-03-31 to 2025-12-31, if nothing is heard of them\n/);
    expect(stdout).toMatch(/2025-05-11 +buyer_class: ordinary_buyer → dormant_buyer\n/);
    expect(stdout).toMatch(/2025-05-11 +trigger welcome_back/);
    expect(stdout).toContain('buyer_class: dormant_buyer since 2025-05-11');
    expect(stdout).toMatch(/could become +ordinary_buyer with one act of any kind/);
  });

  it('tells what a replay to that instant would have told', async () => {
    const ahead = await runForJson(['explain', 'ann', '--db', await aFolder(), '--at', '2025-12-31']);
    const then = await runForJson(['explain', 'ann', '--db', await aFolder('2025-12-31')]);
    expect(ahead['dimensions']).toEqual(then['dimensions']);
    expect(then['dimensions']).toContainEqual(
      expect.objectContaining({
        dimension: 'buyer_class',
        tag: 'dormant_buyer',
        since: '2025-05-11T00:00:00.000Z',
      }),
    );
  });

  it('gives everything as one object', async () => {
    const told = await runForJson(['explain', 'bob', '--db', await aFolder()]);
    expect(told).toMatchObject({
      ...{ person: 'bob', clock: '2025-03-31T23:59:59.999Z', mergedInto: null },
      bought: { orders: 1, value: 15, lastAt: '2025-01-20T00:00:00.000Z' },
      sold: { orders: 0, lastAt: null },
    });
    expect(told['risk']).toMatchObject({ byNetwork: false, model: 'closed-form@cdnow', reasons: [] });
    const transitions = told['transitions'] as { dimension: string }[];
    expect(transitions.filter(({ dimension }) => dimension === 'buyer_class')).toMatchObject([
      { to: 'ordinary_buyer', cause: 'event' },
    ]);
  });

  it('says of a merged id where it went', async () => {
    const folder = temporaryFolder();
    const input = join(folder, 'events.ndjson');
    const at = (day: string) => ({
      timestamp: `2025-01-0${day}T00:00:00Z`,
      receivedAt: `2025-01-0${day}T00:00:00Z`,
    });
    const calls = [
      { type: 'track', messageId: '1', userId: 'old', event: 'Product Viewed', properties: {}, ...at('1') },
      { type: 'alias', messageId: '2', userId: 'new', previousId: 'old', ...at('2') },
    ];
    writeFileSync(input, calls.map((call) => JSON.stringify(call)).join('\n'));
    const db = join(folder, 'db');
    await runForJson(['replay', '--format', 'segment', '--input', input, '--db', db]);
    const { stdout } = await runCommand(['explain', 'old', '--db', db]);
    expect(stdout).toContain('This account was merged into new');
    expect((await runCommand(['explain', 'new', '--db', db])).stdout).toContain('With us since 2025-01-01');
  });

  it.each([
    ['7', /near it is 007/],
    ['anm', /near it is ann/],
    ['nobody-at-all', /SELECT person_id FROM person_profiles/],
  ])('does not know %s, and says what may be meant', async (id, says) => {
    const { code, stderr, stdout } = await runCommand(['explain', id, '--db', await aFolder()]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\[PERSON_UNKNOWN\]/);
    expect(stderr).toMatch(says);
  });

  it('says that nobody is stored yet, or not everybody, rather than that an id is wrong', async () => {
    const db = await aFolder('2024-12-31');
    const nobody = await runCommand(['explain', 'ann', '--db', db]);
    expect(nobody.stderr).toMatch(
      /there is nobody in .* yet \[PERSON_UNKNOWN\]\n {2}mend: wait for the replay/,
    );
    const other = await aFolder();
    await markSnapshot(join(other, STATE_FILE), {
      clock: instant(Date.UTC(2025, 3, 1)),
      beginnings: { 'csv:more.csv': { records: 1, digest: 0 } },
    });
    const notYet = await runCommand(['explain', 'dan', '--db', other]);
    expect(notYet.stderr).toMatch(/called "dan" so far \[PERSON_UNKNOWN\]\n {2}mend: a replay into it/);
  });

  it('does not turn time back, and needs a folder that holds people', async () => {
    const db = await aFolder();
    const back = await runCommand(['explain', 'ann', '--db', db, '--at', '2025-02-01']);
    expect(back.code).toBe(2);
    expect(back.stderr).toMatch(/cannot be turned back \[USAGE\]/);
    const empty = await runCommand(['explain', 'ann', '--db', temporaryFolder()]);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('[INPUT_NOT_FOUND]');
  });
});
