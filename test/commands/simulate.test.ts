import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { runCommandLine } from '../../src/commands/command-line.ts';
import { instant } from '../../src/core/time.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testWorld } from '../support/test-world.ts';

const SMALL = ['--people', '40', '--days', '10', '--seed', '7'];

async function simulate(args: readonly string[], options: Parameters<typeof testWorld>[0] = {}) {
  const { world, stdout, stderr } = testWorld(options);
  const code = await runCommandLine(['simulate', ...SMALL, ...args], world);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('simulate', () => {
  it('writes one Segment call a line, in order of arrival', async () => {
    const { code, stdout } = await simulate(['--out', '-']);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    const decoded = lines.map(decodeSegment);
    expect(decoded.filter((record) => !record.ok)).toEqual([]);
    const arrivals = lines.map((line) => (JSON.parse(line) as { receivedAt: string }).receivedAt);
    expect(arrivals).toEqual([...arrivals].sort());
  });

  it('writes the same for the same seed, to a pipe, a file or a gzip', async () => {
    const folder = temporaryFolder();
    const plain = join(folder, 'events.ndjson');
    const zipped = join(folder, 'events.ndjson.gz');
    const piped = await simulate(['--out', '-']);
    expect(await simulate(['--out', plain])).toMatchObject({ code: 0, stderr: '' });
    expect(await simulate(['--out', zipped])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(plain, 'utf8')).toBe(piped.stdout);
    expect(gunzipSync(readFileSync(zipped)).toString()).toBe(piped.stdout);
    expect((await simulate(['--out', '-', '--seed', '8'])).stdout).not.toBe(piped.stdout);
  });

  it('says what it wrote, in words or as the last line of JSON', async () => {
    const out = join(temporaryFolder(), 'events.ndjson');
    const words = await simulate(['--out', out]);
    const events = readFileSync(out, 'utf8').split('\n').length - 1;
    expect(words.stdout).toBe(`wrote ${events} events of 40 accounts over 10 days to ${out} (0 ms)\n`);
    const json = await simulate(['--out', out, '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      ...{ events, people: 40, days: 10, seed: 7, out },
      ...{ seconds: 0, eventsPerSecond: null },
    });
  });

  it('writes the truth beside the events and never into them', async () => {
    const folder = temporaryFolder();
    const truth = join(folder, 'truth.ndjson');
    const out = join(folder, 'events.ndjson');
    expect(await simulate(['--out', out, '--truth', truth])).toMatchObject({ code: 0 });
    const people = readFileSync(truth, 'utf8').trimEnd().split('\n');
    expect(people).toHaveLength(40);
    const [first = ''] = people;
    expect(JSON.parse(first)).toMatchObject({
      personId: expect.any(String) as string,
      fraud: expect.any(String) as string,
    });
    expect(readFileSync(out, 'utf8')).not.toContain('leaveReason');
  });

  it('refuses outputs that would mix', async () => {
    expect((await simulate(['--out', '-', '--json'])).code).toBe(2);
    expect((await simulate(['--out', 'x', '--truth', '-'])).code).toBe(2);
  });

  it('wants one place for the events', async () => {
    const none = await simulate([]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('neither --out nor') as string });
    const both = await simulate(['--out', 'x', '--to-kafka', 'events']);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('are both given') as string });
  });

  it('says why a file cannot be written and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const missing = await simulate(['--out', join(folder, 'no', 'events.ndjson')]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^error: cannot write .*events\.ndjson \[OUTPUT_WRITE\]\n {2}why: {2}ENOENT/,
    );
    expect(await simulate(['--out', folder])).toMatchObject({ code: 1 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stopped in the middle keeps the older file, and a rerun completes the work', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'events.ndjson.gz');
    writeFileSync(out, 'the older file');
    const controller = new AbortController();
    const calls = { count: 0 };
    const wallClock = () => {
      calls.count += 1;
      if (calls.count === 3) controller.abort();
      return instant(0);
    };
    const stopped = await simulate(['--out', out, '--rate', '1000000'], {
      signal: controller.signal,
      wallClock,
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(
      /^stopped: after \d+ events?; .* was not written \[INTERRUPTED\]\n {2}mend: run the same/,
    );
    expect(readdirSync(folder)).toEqual(['events.ndjson.gz']);
    expect(readFileSync(out, 'utf8')).toBe('the older file');
    expect(await simulate(['--out', out])).toMatchObject({ code: 0 });
    expect(gunzipSync(readFileSync(out)).toString()).toBe((await simulate(['--out', '-'])).stdout);
  });
});
