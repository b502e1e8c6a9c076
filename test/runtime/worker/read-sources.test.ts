import { describe, expect, it } from 'vitest';
import { err, ok } from '../../../src/core/result.ts';
import { plus } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import type { ForwardedFacts, Said } from '../../../src/ports/forwarded-facts.ts';
import type { SourceBlock } from '../../../src/ports/partitioned-source.ts';
import { ReadSources } from '../../../src/runtime/worker/read-sources.ts';
import { eventually } from '../../support/eventually.ts';
import { StillClock } from '../../support/still-clock.ts';

const OWN = 1;
const clock = new StillClock();
const NOON = plus(clock.now(), -3_600_000);

function event(offset: number, afterMs: number): SourceRecord<Said> {
  const receivedAt = plus(NOON, afterMs);
  const said = {
    messageId: `e${offset}`,
    personId: 'p',
    at: receivedAt,
    name: 'Product Viewed',
    properties: {},
  };
  return { source: `events:${OWN}`, offset, receivedAt, event: ok(said), rows: 1, place: '' };
}

function fact(afterMs: number, said: Pick<ForwardedFacts, 'origin' | 'root'>): SourceRecord<Said> {
  const receivedAt = plus(NOON, afterMs);
  const forwarded = { partition: OWN, receivedAt, ref: '', facts: [], ...said };
  return { source: `facts:${OWN}`, offset: 0, receivedAt, event: ok(forwarded), rows: 0, place: '' };
}

/** Reads these events, and takes so many of them. */
async function taken(events: readonly SourceRecord<Said>[], count: number): Promise<ReadSources> {
  async function* blocks(source: string): AsyncGenerator<SourceBlock> {
    if (source.startsWith('events')) yield { records: events, next: events.length, behind: 0 };
    await new Promise(() => undefined);
  }
  const sources = new ReadSources(
    {
      ...{ partition: OWN, sources: [`events:${OWN}`], factSources: [`facts:${OWN}`] },
      ...{ revoked: new AbortController().signal, read: blocks, processed: () => undefined },
    },
    clock,
    500,
  );
  sources.open(new Map(), () => undefined);
  sources.refill();
  await eventually(() => sources.nextEvents().cursor !== undefined);
  sources.nextEvents().cursor?.took(count);
  sources.refill();
  return sources;
}

const of = (partition: number, offset = 7) => ({ source: `events:${partition}`, offset });

describe('the order of facts among our own events', () => {
  const events = [event(0, 10), event(1, 20), event(2, 20), event(3, 30)];

  it('is that of their arrival, and of two at once that of the lower partition first', async () => {
    const sources = await taken(events, 1);
    const isInOrder = (afterMs: number, partition: number) =>
      sources.isInOrder(fact(afterMs, { origin: of(partition) }));
    expect([isInOrder(10, 0), isInOrder(10, 2), isInOrder(19, 2)]).toEqual([true, true, true]);
    expect([isInOrder(20, 0), isInOrder(20, 2), isInOrder(21, 0)]).toEqual([true, false, false]);
  });

  it('puts an answer right after the event of ours that it answers, whoever gives it', async () => {
    const sources = await taken(events, 2);
    const answerTo = (offset: number, partition: number) =>
      sources.isInOrder(
        fact(20, { origin: { source: `facts:${partition}`, offset: 3 }, root: of(OWN, offset) }),
      );
    expect([answerTo(1, 0), answerTo(1, 2)]).toEqual([true, true]);
    expect([answerTo(2, 0), answerTo(2, 2), answerTo(3, 0)]).toEqual([false, false, false]);
  });

  it('is that of the event at the beginning, however often it was sent on', async () => {
    const sources = await taken(events, 1);
    const sentOn = (root: number) =>
      sources.isInOrder(fact(20, { origin: { source: 'facts:0', offset: 3 }, root: of(root) }));
    expect([sentOn(0), sentOn(2)]).toEqual([true, false]);
  });

  it('has no place for what cannot be used', async () => {
    const sources = await taken(events, 1);
    const rejected = err({ reason: 'malformed', detail: '' } as const);
    expect(sources.isInOrder({ ...fact(99, { origin: of(0) }), event: rejected })).toBe(true);
  });

  it('is of everything that has arrived once all that there was is taken', async () => {
    const sources = await taken(events, 4);
    expect(sources.until()).toBe(plus(clock.now(), -500));
    expect(sources.isInOrder(fact(1_000_000, { origin: of(2) }))).toBe(true);
  });
});
