import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPersonHistory } from '../../../src/adapters/clickhouse/person-history.ts';
import { readPopulationSummary } from '../../../src/adapters/clickhouse/population-summary.ts';
import {
  aCurrentTag,
  aDeadLetter,
  aProfile,
  aTransition,
  aTrigger,
} from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

describe('answers about people', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
  });
  afterAll(() => database.close());

  const early = aTransition({ transition_id: 'early', effective_at: Date.UTC(1997, 1, 1) });
  const late = aTransition({
    transition_id: 'late',
    effective_at: Date.UTC(1997, 4, 2),
    next_change_at: null,
  });
  const trigger = aTrigger({ muted: true });

  it('of empty tables: nobody, and sums of nothing', async () => {
    expect(await readPersonHistory(database.analytics, 'ann')).toBeUndefined();
    expect(await readPopulationSummary(database.analytics)).toEqual({
      people: 0,
      peopleByTag: {},
      transitionsByCause: {},
      triggersByName: {},
      deadLettersByReason: {},
    });
  });

  describe('with a history', () => {
    beforeAll(() =>
      database.analytics.write('history', {
        tag_transitions: [early, late, aTransition({ person_id: "o'neil", cause: 'time' })],
        current_tags: [
          aCurrentTag({ dimension: 'seller_class', tag: 'none' }),
          aCurrentTag(),
          aCurrentTag({ person_id: "o'neil", tag: 'dormant_buyer' }),
        ],
        person_profiles: [aProfile(), aProfile({ person_id: 'cy' })],
        trigger_events: [trigger, aTrigger({ person_id: "o'neil", trigger_id: 'trigger-2' })],
        dead_letters: [aDeadLetter()],
      }),
    );

    it('gives one person as written, the latest first', async () => {
      expect(await readPersonHistory(database.analytics, 'ann')).toEqual({
        profile: aProfile(),
        tags: [aCurrentTag(), aCurrentTag({ dimension: 'seller_class', tag: 'none' })],
        transitions: [late, early],
        triggers: [trigger],
      });
    });

    it('gives at most as many transitions as asked for', async () => {
      expect((await readPersonHistory(database.analytics, 'ann', 1))?.transitions).toEqual([late]);
    });

    it('knows people by any id, and people without tags', async () => {
      expect((await readPersonHistory(database.analytics, "o'neil"))?.profile).toBeUndefined();
      expect((await readPersonHistory(database.analytics, 'cy'))?.tags).toEqual([]);
      expect(await readPersonHistory(database.analytics, 'nobody')).toBeUndefined();
    });

    it('sums up everybody', async () => {
      expect(await readPopulationSummary(database.analytics)).toEqual({
        people: 3,
        peopleByTag: { buyer_class: { active_buyer: 1, dormant_buyer: 1 } },
        transitionsByCause: { event: 2, time: 1 },
        triggersByName: { 'welcome-back': { sent: 1, muted: 1 } },
        deadLettersByReason: { negative_amount: 1 },
      });
    });
  });
});
