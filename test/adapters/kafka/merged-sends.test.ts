import { describe, expect, it } from 'vitest';
import { MergedSends } from '../../../src/adapters/kafka/merged-sends.ts';

interface Call {
  readonly sends: readonly string[];
  readonly end: (failure?: string) => void;
}

/** Sends words, of which each letter is a byte, and lets the test end every call. */
function wordsSent(mostBytes: number): { readonly merged: MergedSends<string>; readonly calls: Call[] } {
  const calls: Call[] = [];
  const merged = new MergedSends<string>({
    sendAll: (sends) =>
      new Promise((resolve, reject) => {
        const end = (failure?: string): void =>
          failure === undefined ? resolve() : reject(new Error(failure));
        calls.push({ sends, end });
      }),
    bytesOf: (word) => word.length,
    mostBytes,
    isOfAll: (failure) => failure instanceof Error && failure.message === 'outage',
  });
  return { merged, calls };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('sends that are merged', () => {
  it('go together when they come at once or while another is under way, in order', async () => {
    const { merged, calls } = wordsSent(100);
    const first = [merged.send('a'), merged.send('b')];
    await settled();
    const second = ['c', 'd', 'e'].map((word) => merged.send(word));
    await settled();
    expect(calls.map(({ sends }) => sends)).toEqual([['a', 'b']]);
    calls[0]?.end();
    await Promise.all(first);
    await settled();
    expect(calls.map(({ sends }) => sends)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    calls[1]?.end();
    await Promise.all(second);
  });

  it('are no more at once than may be, unless one alone is', async () => {
    const { merged, calls } = wordsSent(4);
    const all = ['aaa', 'b', 'c', 'ddddddd', 'ee'].map((word) => merged.send(word));
    for (let i = 0; i < 4; i++) {
      await settled();
      calls[i]?.end();
    }
    await Promise.all(all);
    expect(calls.map(({ sends }) => sends)).toEqual([['aaa', 'b'], ['c'], ['ddddddd'], ['ee']]);
  });

  it('fail by themselves where one is refused, and together in an outage', async () => {
    const { merged, calls } = wordsSent(100);
    const outcomes = Promise.allSettled(['a', 'b', 'c'].map((word) => merged.send(word)));
    for (const failure of ['refused', undefined, 'refused', undefined]) {
      await settled();
      calls.at(-1)?.end(failure);
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(calls.map(({ sends }) => sends)).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    const lost = Promise.allSettled(['d', 'e'].map((word) => merged.send(word)));
    await settled();
    calls.at(-1)?.end('outage');
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const after = merged.send('f');
    await settled();
    calls.at(-1)?.end();
    await after;
    expect(calls.at(-1)?.sends).toEqual(['f']);
  });
});
