import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { RetryingWriter } from '../../../src/adapters/clickhouse/retrying-writer.ts';
import { instant, MINUTE_MS } from '../../../src/core/time.ts';
import type { AnalyticsRows } from '../../../src/ports/analytics.ts';
import { LocalClickhouse } from '../../support/clickhouse/local-clickhouse.ts';
import { aCurrentTag, aTransition } from '../../contracts/sample-analytics-rows.ts';

/** Long enough for the largest insert here on a busy machine. */
const PATIENT_MS = 30_000;
const HASTY_MS = 1_000;

/**
 * Rows are counted where they are stored and with merges stopped: a row that was inserted twice is seen twice.
 */
describe('a ClickHouse server that fails', () => {
  let server: LocalClickhouse;
  const handles: ClickhouseHandle[] = [];
  beforeAll(async () => {
    server = await LocalClickhouse.start();
    await migrate(await open());
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    const handle = await open();
    for (const table of ['tag_transitions_rows', 'current_tags_rows'])
      await handle.client.command({ query: `TRUNCATE TABLE ${table}` });
    await stopMerges();
  });
  afterEach(async () => {
    for (const handle of handles.splice(0)) await handle.close();
  });

  const open = async (requestTimeoutMs = PATIENT_MS): Promise<ClickhouseHandle> => {
    const { url, user, password } = server;
    const handle = await openClickhouseServer({ url, user, password, requestTimeoutMs });
    handles.push(handle);
    return handle;
  };
  /** Forgotten by a server that starts anew. */
  const stopMerges = async () => {
    await (await open()).client.command({ query: 'SYSTEM STOP MERGES' });
  };
  const stored = async () =>
    new ClickhouseAnalytics(await open()).query(
      'SELECT count() AS n, uniqExact(transition_id) AS ids FROM tag_transitions_rows',
    );
  const times = (n: number) => [{ n, ids: n }];

  /** A writer whose waits are `pauses`, one after the other and the last again and again, on a clock of its own. */
  const aWriter = async (pauses: readonly (() => Promise<unknown>)[], requestTimeoutMs?: number) => {
    const heard: { down: number; up: number[]; attempts: number } = { down: 0, up: [], attempts: 0 };
    let nowMs = 0;
    let next = 0;
    const writer = new RetryingWriter(new ClickhouseAnalytics(await open(requestTimeoutMs)), {
      now: () => instant(nowMs),
      sleep: async (delayMs) => {
        nowMs += delayMs;
        await pauses[Math.min(next++, pauses.length - 1)]?.();
      },
      random: () => 0.5,
      signal: new AbortController().signal,
      observer: {
        down(since, why) {
          heard.attempts += 1;
          heard.down = since;
          expect(inspect(why, { depth: 9 })).not.toContain(server.password);
        },
        up: (downMs) => heard.up.push(downMs),
      },
    });
    return { writer, heard, nowMs: () => nowMs };
  };
  const noPause = () => Promise.resolve();

  const batch = (name: string, size: number, months = 1): Partial<AnalyticsRows> => ({
    tag_transitions: Array.from({ length: size }, (_, i) =>
      aTransition({
        transition_id: `${name}/${i}`,
        person_id: `person-${i}`,
        effective_at: Date.UTC(2020, i % months, 1),
      }),
    ),
  });

  it('and loses the answer after the insert stores the rows once', async () => {
    const { writer, heard } = await aWriter([noPause]);
    await server.loseAnswers(3);
    await writer.write('lost', { ...batch('lost', 500, 3), current_tags: [aCurrentTag()] });
    expect(heard.attempts).toBe(3);
    expect(heard.up).toHaveLength(1);
    expect(await stored()).toEqual(times(500));
    expect(
      await new ClickhouseAnalytics(await open()).query('SELECT count() AS n FROM current_tags_rows'),
    ).toEqual([{ n: 1 }]);
  });

  it('and is down for five minutes has every row once, and one batch waits meanwhile', async () => {
    const downMs = 5 * MINUTE_MS;
    const comeUpInTime = async () => {
      if (nowMs() >= downMs && produced === 6) await server.comeUp();
    };
    const { writer, heard, nowMs } = await aWriter([comeUpInTime]);
    let produced = 0;
    let most = 0;
    for (let i = 0; i < 20; i++) {
      if (i === 5) await server.goDown();
      produced += 1;
      await writer.write(`batch ${i}`, batch(`batch ${i}`, 50));
      most = Math.max(most, produced - i);
    }
    expect(most).toBe(1);
    expect(heard.down).toBe(0);
    expect(heard.up).toHaveLength(1);
    expect(heard.up[0]).toBeGreaterThanOrEqual(downMs);
    // Doubling to half a minute, not hammering.
    expect(heard.attempts).toBeLessThan(25);
    expect(await stored()).toEqual(times(1_000));
  });

  it('and is killed in the middle of an insert has every row once when it is back', async () => {
    const back = async () => {
      await server.restart();
      await stopMerges();
    };
    const { writer, heard } = await aWriter([back]);
    for (const name of ['first', 'second']) {
      const inserting = server.nextInsert();
      const written = writer.write(name, batch(name, 20_000, 40));
      await inserting;
      await server.kill();
      await written;
    }
    expect(heard.attempts).toBeGreaterThanOrEqual(2);
    expect(await stored()).toEqual(times(40_000));
  });

  it('and is killed when some months are stored and others not has every row once', async () => {
    const watching = new ClickhouseAnalytics(await open());
    const begun = async () => {
      const [row] = await watching.query(
        "SELECT count() AS n FROM system.parts WHERE active AND table = 'tag_transitions_rows' AND partition = '202005'",
      );
      return row?.['n'] !== 0;
    };
    const back = async () => {
      await server.restart();
      await stopMerges();
    };
    const { writer } = await aWriter([back]);
    const written = writer.write('months', batch('months', 50_000, 200));
    while (!(await begun()));
    await server.kill();
    await written;
    expect(await stored()).toEqual(times(50_000));
  });

  it('and freezes has every row once when it goes on', async () => {
    const thaw = () => Promise.resolve(server.thaw());
    const { writer, heard } = await aWriter([noPause, thaw, noPause], HASTY_MS);
    server.freeze();
    await writer.write('frozen', batch('frozen', 100));
    expect(heard.attempts).toBeGreaterThanOrEqual(2);
    expect(await stored()).toEqual(times(100));
  });

  it('and answers later than anybody waits has every row once', async () => {
    const hurry = () => server.slowDown(0);
    const { writer, heard } = await aWriter([noPause, hurry], HASTY_MS);
    await server.slowDown(3 * HASTY_MS);
    await writer.write('slow', batch('slow', 100));
    expect(heard.attempts).toBeGreaterThanOrEqual(2);
    expect(await stored()).toEqual(times(100));
  });

  it('behind a proxy that says 503 has every row once', async () => {
    const { writer, heard } = await aWriter([noPause]);
    await server.refuseRequests(4);
    await writer.write('proxied', batch('proxied', 100));
    expect(heard.attempts).toBe(4);
    expect(await stored()).toEqual(times(100));
  });

  it('and closes the connections it kept open loses no insert', async () => {
    const { writer, heard } = await aWriter([noPause]);
    for (let i = 0; i < 20; i++) {
      if (i % 4 === 2) await server.closeKept(1);
      if (i % 4 === 3) await server.goDown().then(() => server.comeUp());
      await writer.write(`kept ${i}`, batch(`kept ${i}`, 10));
    }
    expect(heard.attempts).toBeGreaterThanOrEqual(5);
    expect(await stored()).toEqual(times(200));
  });

  it('tells an outage from rows it cannot take, and from tables that are not there', async () => {
    const { writer, heard } = await aWriter([noPause]);
    const nonsense = aTransition({ effective_at: 'yesterday' as unknown as number });
    await expect(writer.write('bad', { tag_transitions: [nonsense] })).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      message: expect.stringContaining('tag_transitions in http://127.0.0.1') as string,
    });
    const { client } = await open();
    await client.command({ query: 'RENAME TABLE tag_transitions_rows TO elsewhere' });
    await expect(writer.write('gone', batch('gone', 1))).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      mend: expect.stringContaining('tidemark migrate') as string,
    });
    await client.command({ query: 'RENAME TABLE elsewhere TO tag_transitions_rows' });
    expect(heard.attempts).toBe(0);
    expect(await stored()).toEqual(times(0));
  });

  it('fails a query with what is wrong, and serves the next one when it is back', async () => {
    const analytics = new ClickhouseAnalytics(await open());
    await server.goDown();
    await expect(analytics.query('SELECT 1 AS a')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      mend: expect.stringContaining('running and reachable') as string,
    });
    await server.comeUp();
    expect(await analytics.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });
});
