import { describe, expect, it } from 'vitest';
import { describeWriteFailure } from '../../../src/adapters/clickhouse/clickhouse-failures.ts';
import { RetryingWriter, type RetryOptions } from '../../../src/adapters/clickhouse/retrying-writer.ts';
import { instant } from '../../../src/core/time.ts';
import { TidemarkError } from '../../../src/errors.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../../../src/ports/analytics.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';

const BATCH = { tag_transitions: [aTransition()] };

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A writer that fails as it is told, call by call, and then succeeds. */
class FailingWriter implements AnalyticsWriter {
  readonly calls: [string, Partial<AnalyticsRows>][] = [];
  readonly #failures: unknown[];

  constructor(failures: readonly unknown[]) {
    this.#failures = [...failures];
  }

  write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    this.calls.push([token, rows]);
    const failure = this.#failures.shift();
    if (failure === undefined) return Promise.resolve();
    return Promise.reject(
      failure instanceof TidemarkError ? failure : describeWriteFailure(failure, 'tag_transitions', 'test'),
    );
  }
}

function aWorld(changes: Partial<RetryOptions> = {}) {
  const abort = new AbortController();
  const heard: string[] = [];
  const waits: number[] = [];
  let nowMs = 1_000;
  const options: RetryOptions = {
    now: () => instant(nowMs),
    sleep: (delayMs) => {
      waits.push(delayMs);
      nowMs += delayMs;
      return Promise.resolve();
    },
    random: () => 0,
    signal: abort.signal,
    observer: {
      down: (since, why) => heard.push(`down since ${since}: ${why.code}`),
      up: (downMs) => heard.push(`up after ${downMs}`),
    },
    ...changes,
  };
  return { options, abort, heard, waits };
}

describe('RetryingWriter', () => {
  it('writes the same rows under the same token until they are stored', async () => {
    const { options, heard, waits } = aWorld({ firstDelayMs: 100, maxDelayMs: 350 });
    const writer = new FailingWriter(Array.from({ length: 4 }, () => coded('ECONNREFUSED')));
    await new RetryingWriter(writer, options).write('token', BATCH);
    expect(writer.calls).toEqual(Array.from({ length: 5 }, () => ['token', BATCH]));
    expect(writer.calls.every(([, rows]) => rows === BATCH)).toBe(true);
    expect(waits).toEqual([50, 100, 175, 175]);
    expect(heard).toEqual([
      ...Array.from({ length: 4 }, () => 'down since 1000: DATABASE_WRITE'),
      'up after 500',
    ]);
  });

  it('waits between half and all of the time', async () => {
    const { options, waits } = aWorld({ random: () => 0.999, firstDelayMs: 1_000 });
    await new RetryingWriter(new FailingWriter([coded('ECONNRESET')]), options).write('token', BATCH);
    expect(waits[0]).toBeCloseTo(999.5);
  });

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    '159',
    '202',
    '241',
    '242',
    '243',
    '252',
    '999',
  ])('takes %s for an outage', async (code) => {
    const { options, heard } = aWorld();
    await new RetryingWriter(new FailingWriter([coded(code)]), options).write('token', BATCH);
    expect(heard).toHaveLength(2);
  });

  it.each([
    ['6', 'Run the same command again when the cause is gone'],
    ['16', 'Run the same command again when the cause is gone'],
    ['60', 'tidemark migrate'],
    ['497', 'Grant the user'],
    ['516', 'Check user and password'],
  ])('takes code %s for a refusal, and passes it on with its mend', async (code, mend) => {
    const { options, heard } = aWorld();
    const writer = new FailingWriter([coded(code)]);
    await expect(new RetryingWriter(writer, options).write('token', BATCH)).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      mend: expect.stringContaining(mend) as string,
    });
    expect(writer.calls).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  it('takes a bug for a bug', async () => {
    const { options } = aWorld();
    const writer = new RetryingWriter(new FailingWriter([new TypeError('x is not a function')]), options);
    await expect(writer.write('token', BATCH)).rejects.toThrow(/x is not a function/);
  });

  it('counts one outage, however many writes it hits', async () => {
    const { options, heard } = aWorld();
    const writer = new RetryingWriter(new FailingWriter([coded('EPIPE'), coded('EPIPE')]), options);
    await Promise.all([writer.write('a', BATCH), writer.write('b', BATCH)]);
    expect(heard.filter((line) => line.startsWith('down since 1000'))).toHaveLength(2);
    expect(heard.filter((line) => line.startsWith('up'))).toHaveLength(1);
  });

  it('does not take an empty batch for a sign of life', async () => {
    const { options } = aWorld();
    const writer = new FailingWriter([]);
    await new RetryingWriter(writer, options).write('token', { tag_transitions: [] });
    expect(writer.calls).toEqual([]);
  });

  describe('when it is aborted', () => {
    it('stops waiting', async () => {
      const { options, abort } = aWorld({
        sleep: () => {
          abort.abort();
          return new Promise(() => undefined);
        },
      });
      const writer = new RetryingWriter(new FailingWriter([coded('ECONNREFUSED')]), options);
      await expect(writer.write('token', BATCH)).rejects.toMatchObject({
        code: 'INTERRUPTED',
        message: expect.stringContaining('rows waited for ClickHouse') as string,
      });
    });

    it('leaves alone what is being sent', async () => {
      const { options, abort } = aWorld();
      const writer = new RetryingWriter({ write: () => new Promise(() => undefined) }, options);
      const written = writer.write('token', BATCH);
      abort.abort();
      await expect(written).rejects.toMatchObject({ code: 'INTERRUPTED' });
    });

    it('sends nothing more', async () => {
      const { options, abort } = aWorld();
      const writer = new FailingWriter([]);
      abort.abort();
      await expect(new RetryingWriter(writer, options).write('token', BATCH)).rejects.toMatchObject({
        code: 'INTERRUPTED',
      });
      expect(writer.calls).toEqual([]);
    });
  });
});
