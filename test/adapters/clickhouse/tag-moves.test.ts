import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTagMoves } from '../../../src/adapters/clickhouse/tag-moves.ts';
import { instant } from '../../../src/core/time.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

const SINCE = Date.UTC(2025, 0, 10);
const UNTIL = Date.UTC(2025, 0, 20);

function move(person_id: string, from_tag: string, to_tag: string, effective_at: number, cause = 'event') {
  return aTransition({
    ...{ transition_id: `${person_id}@${effective_at}`, person_id, dimension: 'tier' },
    ...{ from_tag, to_tag, effective_at, cause },
  });
}

describe('moves between tags', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
  });
  afterAll(() => database.close());

  it('begin after the instant of the sizes, to the millisecond, end with the other, and are counted by cause', async () => {
    await database.analytics.write('moves', {
      tag_transitions: [
        move('ann', 'none', 'gold', SINCE - 1),
        move('bob', 'none', 'gold', SINCE),
        move('cy', 'none', 'silver', SINCE - 2),
        move('cy', 'silver', 'none', SINCE - 1),
        move('dee', 'none', 'gold', SINCE + 1),
        move('eve', 'none', 'gold', UNTIL),
        move('ann', 'gold', 'silver', UNTIL, 'time'),
        move('bob', 'gold', 'none', UNTIL + 1),
      ],
    });
    const { before, moves } = await readTagMoves(database.analytics, instant(SINCE), instant(UNTIL));
    expect(before).toEqual({ tier: { gold: 2 } });
    expect([...moves].sort((a, b) => a.cause.localeCompare(b.cause))).toEqual([
      { dimension: 'tier', from: 'none', to: 'gold', cause: 'event', people: 2 },
      { dimension: 'tier', from: 'gold', to: 'silver', cause: 'time', people: 1 },
    ]);
  });
});
