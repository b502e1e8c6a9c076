import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalyticsReader, AnalyticsRows, AnalyticsWriter } from '../../src/ports/analytics.ts';
import {
  aCurrentTag,
  aDeadLetter,
  aDrift,
  aProfile,
  aTransition,
  aChurnScore,
  aTrigger,
} from './sample-analytics-rows.ts';

export interface AnalyticsUnderTest {
  readonly analytics: AnalyticsWriter & AnalyticsReader;
  close(): Promise<void>;
}

/**
 * What every implementation of AnalyticsWriter and AnalyticsReader promises. `open` gives one whose tables
 * exist; they need not be empty, since every test uses people and sources of its own.
 *
 * Beyond the types: the reader gives instants as ISO 8601 in UTC with milliseconds, and numbers as numbers.
 */
export function analyticsContract(name: string, open: () => Promise<AnalyticsUnderTest>): void {
  describe(`${name} keeps the analytics contract`, () => {
    let opened: AnalyticsUnderTest;
    let analytics: AnalyticsWriter & AnalyticsReader;
    let run = 0;
    beforeAll(async () => {
      opened = await open();
      analytics = opened.analytics;
    });
    afterAll(() => opened.close());

    /** An id nobody has used, in this run or another on the same tables. */
    const fresh = (what: string) => `${what}-${process.pid}-${String(performance.now())}-${run++}`;
    const personRows = (table: string, person: string) =>
      analytics.query(`SELECT * FROM ${table} WHERE person_id = {person:String} ORDER BY ALL`, { person });

    describe('what is written can be read', () => {
      it('column by column, in every table', async () => {
        const person = fresh('person');
        const source = fresh('source');
        const reference = fresh('reference');
        const rows = {
          tag_transitions: [aTransition({ person_id: person })],
          current_tags: [aCurrentTag({ person_id: person })],
          person_profiles: [aProfile({ person_id: person })],
          churn_scores: [aChurnScore({ person_id: person })],
          trigger_events: [aTrigger({ person_id: person, muted: true })],
          dead_letters: [aDeadLetter({ source })],
          drift: [
            aDrift({ reference }),
            aDrift({
              reference,
              kind: 'segment_size',
              causes: { people_moved: -7, late_data: 2 },
              psi: null,
            }),
          ],
        } satisfies AnalyticsRows;
        await analytics.write(fresh('batch'), rows);

        expect(await personRows('tag_transitions', person)).toEqual(rows.tag_transitions.map(asRead));
        expect(await personRows('current_tags', person)).toEqual(rows.current_tags.map(asRead));
        expect(await personRows('person_profiles', person)).toEqual(rows.person_profiles.map(asRead));
        expect(await personRows('churn_scores', person)).toEqual(rows.churn_scores.map(asRead));
        expect(await personRows('trigger_events', person)).toEqual(rows.trigger_events.map(asRead));
        expect(
          await analytics.query('SELECT * FROM dead_letters WHERE source = {source:String}', { source }),
        ).toEqual(rows.dead_letters.map(asRead));
        expect(
          await analytics.query('SELECT * FROM drift WHERE reference = {reference:String} ORDER BY kind', {
            reference,
          }),
        ).toEqual(rows.drift.map(asRead));
      });

      it('whatever the text, the instant and the amount', async () => {
        const text = fc.string({ unit: 'binary' });
        const instantMs = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2250, 0, 1) });
        const amount = fc.integer({ min: 0, max: 2 ** 53 }).map((minor) => minor / 100);
        const row = fc.record({ text, at: instantMs, next: fc.option(instantMs), amount });
        await fc.assert(
          fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (drawn) => {
            const person = fresh('person');
            const transitions = drawn.map(({ text, at, next }, i) =>
              aTransition({
                person_id: person,
                transition_id: `${String(i).padStart(3, '0')}${text}`,
                cause_ref: text,
                reasons: text,
                to_tag: text,
                effective_at: at,
                next_change_at: next,
              }),
            );
            const profiles = drawn.map(({ amount, at }, i) =>
              aProfile({ person_id: `${person}/${i}`, value_total: amount, last_order_at: at }),
            );
            await analytics.write(fresh('batch'), {
              tag_transitions: transitions,
              person_profiles: profiles,
            });
            expect(
              await analytics.query(
                'SELECT * FROM tag_transitions WHERE person_id = {person:String} ORDER BY substring(transition_id, 1, 3)',
                { person },
              ),
            ).toEqual(transitions.map(asRead));
            expect(
              await analytics.query(
                'SELECT value_total, last_order_at FROM person_profiles WHERE startsWith(person_id, {prefix:String}) ORDER BY toUInt32(substring(person_id, length({prefix:String}) + 1))',
                { prefix: `${person}/` },
              ),
            ).toEqual(
              profiles.map((p) => asRead({ value_total: p.value_total, last_order_at: p.last_order_at })),
            );
          }),
          { numRuns: 25 },
        );
      });

      it('half a surrogate pair does not stop the batch', async () => {
        const person = fresh('person');
        await analytics.write(fresh('batch'), {
          tag_transitions: [aTransition({ person_id: person, cause_ref: 'cut \ud83d off' })],
        });
        expect(await personRows('tag_transitions', person)).toHaveLength(1);
      });

      it('an empty batch is stored by doing nothing', async () => {
        await analytics.write(fresh('batch'), {});
        await analytics.write(fresh('batch'), { tag_transitions: [], dead_letters: [] });
      });

      it('sums of money are exact', async () => {
        const prefix = fresh('person');
        const profiles = Array.from({ length: 1000 }, (_, i) =>
          aProfile({ person_id: `${prefix}/${i}`, value_total: 11.77, value_30d: 0.1, value_90d: 0.003 }),
        );
        await analytics.write(fresh('batch'), { person_profiles: profiles });
        expect(
          await analytics.query(
            'SELECT sum(value_total) AS a, sum(value_30d) AS b, sum(value_90d) AS c FROM person_profiles WHERE startsWith(person_id, {prefix:String})',
            { prefix },
          ),
        ).toEqual([{ a: 11_770, b: 100, c: 3 }]);
      });
    });

    describe('each row counts once', () => {
      it('when its batch is written twice', async () => {
        const person = fresh('person');
        const token = fresh('batch');
        const batch = { tag_transitions: [aTransition({ person_id: person })] };
        await analytics.write(token, batch);
        await analytics.write(token, batch);
        expect(await personRows('tag_transitions', person)).toHaveLength(1);
      });

      it('when it comes under two tokens, in every table', async () => {
        const person = fresh('person');
        const source = fresh('source');
        const reference = fresh('reference');
        const batch = {
          tag_transitions: [aTransition({ person_id: person })],
          current_tags: [aCurrentTag({ person_id: person })],
          person_profiles: [aProfile({ person_id: person })],
          trigger_events: [aTrigger({ person_id: person })],
          dead_letters: [aDeadLetter({ source })],
          drift: [aDrift({ reference })],
        };
        await analytics.write(fresh('batch'), batch);
        await analytics.write(fresh('batch'), batch);
        for (const table of ['tag_transitions', 'current_tags', 'person_profiles', 'trigger_events']) {
          expect(await personRows(table, person)).toHaveLength(1);
        }
        expect(
          await analytics.query('SELECT * FROM dead_letters WHERE source = {source:String}', { source }),
        ).toHaveLength(1);
        expect(
          await analytics.query('SELECT * FROM drift WHERE reference = {reference:String}', { reference }),
        ).toHaveLength(1);
      });

      it('and two rows that differ count twice, under one token or two', async () => {
        const person = fresh('person');
        const one = aTransition({ person_id: person });
        const other = aTransition({ person_id: person, transition_id: 'transition-2' });
        const third = aTransition({ person_id: person, transition_id: 'transition-3' });
        await analytics.write(fresh('batch'), { tag_transitions: [one, other] });
        await analytics.write(fresh('batch'), { tag_transitions: [third] });
        expect(await personRows('tag_transitions', person)).toHaveLength(3);
      });

      it('when a large batch over many months is written twice', async () => {
        const person = fresh('person');
        const token = fresh('batch');
        const padding = 'x'.repeat(400);
        const tag_transitions = Array.from({ length: 30_000 }, (_, i) =>
          aTransition({
            person_id: person,
            transition_id: `t${i}`,
            reasons: `${i} ${padding}`,
            effective_at: Date.UTC(2000, i % 30, 1),
          }),
        );
        for (let time = 0; time < 2; time++) {
          await analytics.write(token, { tag_transitions });
          expect(
            await analytics.query(
              'SELECT count() AS n, uniqExact(transition_id) AS ids FROM tag_transitions WHERE person_id = {person:String}',
              { person },
            ),
          ).toEqual([{ n: 30_000, ids: 30_000 }]);
        }
      });
    });

    describe('the row that speaks of the latest instant holds', () => {
      it.each([
        ['when it comes last', [1, 2]],
        ['when it comes first', [2, 1]],
      ])('%s', async (_, order) => {
        const person = fresh('person');
        for (const updated_at of order) {
          await analytics.write(fresh('batch'), {
            current_tags: [aCurrentTag({ person_id: person, tag: `tag${updated_at}`, updated_at })],
            person_profiles: [aProfile({ person_id: person, orders_total: updated_at, updated_at })],
          });
        }
        expect(await personRows('current_tags', person)).toMatchObject([{ tag: 'tag2' }]);
        expect(await personRows('person_profiles', person)).toMatchObject([{ orders_total: 2 }]);
      });

      it('and of two at the same instant the one written later', async () => {
        const person = fresh('person');
        for (const tag of ['first', 'second']) {
          await analytics.write(fresh('batch'), { current_tags: [aCurrentTag({ person_id: person, tag })] });
        }
        expect(await personRows('current_tags', person)).toMatchObject([{ tag: 'second' }]);
      });

      it('for each dimension by itself', async () => {
        const person = fresh('person');
        await analytics.write(fresh('batch'), {
          current_tags: [
            aCurrentTag({ person_id: person, dimension: 'a' }),
            aCurrentTag({ person_id: person, dimension: 'b' }),
          ],
        });
        expect(await personRows('current_tags', person)).toHaveLength(2);
      });
    });

    describe('reading', () => {
      it('binds parameters, whatever they hold', async () => {
        await fc.assert(
          fc.asyncProperty(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), async (text, n) => {
            expect(await analytics.query('SELECT {text:String} AS t, {n:Int64} AS n', { text, n })).toEqual([
              { t: text, n },
            ]);
          }),
          { numRuns: 50 },
        );
      });

      it('keeps the order of the columns and the order asked for', async () => {
        const rows = await analytics.query(
          'SELECT number AS z, toString(number) AS a FROM numbers(3) ORDER BY z DESC',
        );
        expect(rows).toEqual([
          { z: 2, a: '2' },
          { z: 1, a: '1' },
          { z: 0, a: '0' },
        ]);
        expect(Object.keys(rows[0] ?? {})).toEqual(['z', 'a']);
      });

      it.each([
        "INSERT INTO current_tags_rows (person_id) VALUES ('eve')",
        'DROP TABLE tag_transitions_rows',
        'DROP VIEW tag_transitions',
        'TRUNCATE TABLE tag_transitions_rows',
        'ALTER TABLE tag_transitions_rows DELETE WHERE 1',
        'CREATE TABLE mine (a Int8) ENGINE = Memory',
        'SELECT 1; DROP TABLE tag_transitions_rows',
        'SET readonly = 0',
        "SELECT 1 INTO OUTFILE 'stolen.csv'",
        "WITH 1 AS one INSERT INTO FUNCTION file('stolen.csv', 'CSV', 'a Int8') SELECT one",
      ])('refuses what would write: %s', async (sql) => {
        await expect(analytics.query(sql)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
        expect(
          await analytics.query(
            "SELECT count() > 0 AS there FROM system.tables WHERE name = 'tag_transitions_rows'",
          ),
        ).toEqual([{ there: 1 }]);
      });

      it('goes on while others write', async () => {
        const person = fresh('person');
        const writes = Array.from({ length: 10 }, (_, i) =>
          analytics.write(fresh('batch'), {
            tag_transitions: [aTransition({ person_id: person, transition_id: `t${i}` })],
          }),
        );
        const reads = Array.from({ length: 10 }, (_, i) =>
          analytics.query('SELECT {n:UInt8} AS n', { n: i }),
        );
        expect(await Promise.all(reads)).toEqual(Array.from({ length: 10 }, (_, i) => [{ n: i }]));
        await Promise.all(writes);
        expect(await personRows('tag_transitions', person)).toHaveLength(10);
      });
    });
  });
}

function asRead(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]: [string, unknown]) => [
      column,
      typeof value === 'number' && (column.endsWith('_at') || column === 'since')
        ? new Date(value).toISOString()
        : value,
    ]),
  );
}
