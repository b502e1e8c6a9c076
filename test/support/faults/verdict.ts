import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';
import { decodeDeadLetter, decodeDecision } from '../../../src/adapters/cloudevents/decode-sink-row.ts';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import type { Policy } from '../../../src/core/tagging/policy.ts';
import { err, ok } from '../../../src/core/result.ts';
import { instant, latest, type Instant } from '../../../src/core/time.ts';
import type { AnalyticsRows } from '../../../src/ports/analytics.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import type { RecordDecoder } from '../../../src/ports/record-decoder.ts';
import { rowIdentity, type SinkRow } from '../../../src/ports/sink-row.ts';
import type { StateStore } from '../../../src/ports/state-store.ts';
import { messagesIn, placedMessagesIn } from '../kafka/messages-in.ts';
import type { KafkaUnderTest } from '../kafka/start-kafka.ts';
import { runRecords, type Run } from '../run-records.ts';
import { topicsOf } from '../run-world.ts';
import { tagsIn, windowsIn } from '../worker-world.ts';

/** Characters kept of a message that cannot be used. */
const RAW_MOST = 16_384;

/** What was compared with what one process decides that reads the raw events, and where the two differ. */
export interface Verdict {
  readonly counts: {
    readonly events: number;
    readonly decisions: number;
    readonly deadLetters: number;
    /** Of both, those that were told more than once. */
    readonly toldAgain: number;
    readonly people: number;
    readonly tags: number;
  };
  readonly violations: readonly string[];
  /** What the one process told. */
  readonly alone: Run['told']['rows'];
}

/**
 * Compares what an installation did with the raw events of its topic, up to an instant that all its partitions have
 * come to: the same transitions and triggers, each under one id and in one way however often it was told; the same
 * dead letters; the same tags; the same memory of everybody. So no event is lost, none is counted twice, and no decision
 * has two ids.
 */
export async function judge(
  kafka: KafkaUnderTest,
  installation: string,
  store: StateStore,
  policy: Policy,
  until: Instant,
): Promise<Verdict> {
  const topics = topicsOf(installation);
  const records = await recordsIn(kafka, topics.events);
  const alone = await runRecords(records, { announceRows: 1, until, policy });
  const { rows } = alone.told;
  const decisions = await toldIn(kafka, [topics.tags, topics.triggers], decodeDecision);
  const letters = await toldIn(kafka, [topics.deadLetters], decodeDeadLetter);
  const tags = await tagsIn(store, policy);
  const windows = await windowsIn(store);
  return {
    counts: {
      events: records.length,
      decisions: decisions.rows.size,
      deadLetters: letters.rows.size,
      toldAgain: decisions.again + letters.again,
      people: windows.size,
      tags: tags.size,
    },
    violations: [
      ...differences('decision', decidedAlone(rows), decisions.rows),
      ...differences('dead letter', once(rows.dead_letters.map(deadLetter)), letters.rows),
      ...differences('memory of', await windowsIn(alone.store), windows),
      ...differences('tag of', await tagsIn(alone.store, policy), tags),
    ],
    alone: rows,
  };
}

function decidedAlone({ tag_transitions: transitions, trigger_events: triggers }: Run['told']['rows']) {
  return once([
    ...transitions.map((row) => ({ table: 'tag_transitions', row }) as const),
    ...triggers.map((row) => ({ table: 'trigger_events', row }) as const),
  ]);
}

function deadLetter(row: AnalyticsRows['dead_letters'][number]): SinkRow {
  return { table: 'dead_letters', row };
}

/**
 * The records of a topic in the order of their arrival over all partitions; of two that arrived at once, that of the
 * lower partition first.
 */
export async function recordsIn(kafka: KafkaUnderTest, topic: string): Promise<readonly SourceRecord[]> {
  const lastAt = new Map<number, Instant>();
  const placed = (await placedMessagesIn(kafka, topic)).map(({ partition, message }) => {
    const notBefore = lastAt.get(partition) ?? instant(0);
    const record = recordOf(topic, partition, message, notBefore);
    lastAt.set(partition, record.receivedAt);
    return { partition, record };
  });
  return placed
    .toSorted(
      (a, b) =>
        a.record.receivedAt - b.record.receivedAt ||
        a.partition - b.partition ||
        a.record.offset - b.record.offset,
    )
    .map(({ record }) => record);
}

/** A message as the sources of `run` read it, worked out anew. */
function recordOf(
  topic: string,
  partition: number,
  { offset, timestamp, value }: KafkaMessage,
  notBefore: Instant,
): SourceRecord {
  const text = value !== null && isUtf8(value) ? value.toString() : undefined;
  const malformed = err({ reason: 'malformed', detail: '' } as const);
  const decoded = text === undefined ? malformed : decodeSegment(text);
  const raw = text ?? (value === null ? '' : `base64:${value.subarray(0, RAW_MOST).toString('base64')}`);
  return {
    source: `${topic}:${partition}`,
    offset: Number(offset),
    place: `${topic}[${partition}]@${offset}`,
    receivedAt: latest(notBefore, (decoded.ok && decoded.value.receivedAt) || instant(Number(timestamp))),
    rows: 1,
    ...(decoded.ok ? { event: ok(decoded.value.event) } : { event: decoded, raw: raw.slice(0, RAW_MOST) }),
  };
}

/** Everything in some topics as the rows that it becomes, by identity, with the different ways in which it was told. */
interface Told {
  readonly rows: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many were told more than once. */
  readonly again: number;
}

async function toldIn(
  kafka: KafkaUnderTest,
  topics: readonly string[],
  decode: RecordDecoder<SinkRow>,
): Promise<Told> {
  const rows = new Map<string, Set<string>>();
  const again = new Set<string>();
  for (const topic of topics) {
    for (const text of await messagesIn(kafka, topic)) {
      const decoded = decode(text);
      if (!decoded.ok) throw new Error(`${topic}: ${decoded.error.detail}`);
      const told = decoded.value.event;
      const id = rowIdentity(told);
      const ways = rows.get(id);
      if (ways === undefined) rows.set(id, new Set([wayOf(told)]));
      else {
        ways.add(wayOf(told));
        again.add(id);
      }
    }
  }
  return { rows, again: again.size };
}

/** The same, of what one process told. */
function once(rows: readonly SinkRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(rows.map((row) => [rowIdentity(row), new Set([wayOf(row)])]));
}

/** All columns; but for the words of a dead letter's detail, which nobody relies on. */
function wayOf({ row }: SinkRow): string {
  const columns = Object.entries(row).filter(([name]) => name !== 'detail');
  return JSON.stringify(columns.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

type Ways = string | ReadonlySet<string> | undefined;

function differences(
  what: string,
  expected: ReadonlyMap<string, Ways>,
  found: ReadonlyMap<string, Ways>,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((key) => {
    const [is, should] = [asText(found.get(key)), asText(expected.get(key))];
    return is === should ? [] : [`${what} ${key}: ${inShort(is, should)}`];
  });
}

function asText(ways: Ways): string {
  return typeof ways === 'object' ? [...ways].join(' and ') : (ways ?? 'none');
}

/** Of two rows the columns that differ, else all that there is. */
function inShort(is: string, should: string): string {
  const [found, wanted] = [columnsOf(is), columnsOf(should)];
  if (found === undefined || wanted === undefined) return `${is}; by one process: ${should}`;
  return [...found]
    .filter(([name, value]) => wanted.get(name) !== value)
    .map(([name, value]) => `${name} ${String(value)}; by one process: ${String(wanted.get(name))}`)
    .join('; ');
}

function columnsOf(way: string): ReadonlyMap<string, unknown> | undefined {
  if (!way.startsWith('[[') || way.includes(']] and [[')) return undefined;
  return new Map(JSON.parse(way) as [string, unknown][]);
}
