import { describe, expect, it } from 'vitest';
import type { InspectedTopic, KafkaInspection } from '../../src/adapters/kafka/inspect-kafka.ts';
import { Findings, isBefore } from '../../src/commands/doctor-finding.ts';
import { judgeKafka } from '../../src/commands/doctor-kafka.ts';
import { TidemarkError } from '../../src/errors.ts';

const NAMES = { events: ['events'], facts: 'facts', outputs: ['tags', 'triggers', 'dead'] };
const DAY_MS = 24 * 3600 * 1000;

function topic(
  shape: Partial<InspectedTopic> = {},
  settings: Readonly<Record<string, string>> = {},
): InspectedTopic {
  const usual = {
    'min.insync.replicas': '2',
    'retention.ms': String(7 * DAY_MS),
    'cleanup.policy': 'delete',
  };
  const all = new Map(Object.entries({ ...usual, ...settings }));
  return { partitions: 12, replicas: 3, inSync: 3, settings: all, ...shape };
}

function judge(topics: Readonly<Record<string, InspectedTopic>>, others: Partial<KafkaInspection> = {}) {
  const findings = new Findings('kafka');
  const every = [...NAMES.events, NAMES.facts, ...NAMES.outputs].map((name) => [name, topic()] as const);
  const all = new Map([...every, ...Object.entries(topics)]);
  const inspection = { brokers: 3, version: '3.7', topics: all, writeRefused: undefined, ...others };
  judgeKafka(findings, inspection, NAMES, 'broker:9092');
  return findings.all.filter(({ verdict }) => verdict !== 'ok');
}

describe('what the doctor says of Kafka', () => {
  it('is nothing where three brokers keep three copies', () => {
    expect(judge({})).toEqual([]);
  });

  it.each([
    ['a single confirmation', { tags: topic({}, { 'min.insync.replicas': '1' }) }, 'warning'],
    ['a single copy', { tags: topic({ replicas: 1, inSync: 1 }, { 'min.insync.replicas': '1' }) }, 'warning'],
    ['a copy that lags', { events: topic({ inSync: 2 }) }, 'warning'],
    ['too few copies to write to', { events: topic({ inSync: 1 }) }, 'problem'],
    [
      'facts kept for a shorter time than events',
      { facts: topic({}, { 'retention.ms': '1000' }) },
      'warning',
    ],
    ['facts bounded by size', { facts: topic({}, { 'retention.bytes': '1000' }) }, 'warning'],
    ['compacted facts', { facts: topic({}, { 'cleanup.policy': 'compact,delete' }) }, 'problem'],
    ['other partitions', { facts: topic({ partitions: 6 }) }, 'problem'],
  ] as const)('names %s', (_, topics, verdict) => {
    expect(judge(topics)).toEqual([expect.objectContaining({ verdict })]);
  });

  it('takes facts to be kept long enough at a week, and for as long as events', () => {
    const forEver = topic({}, { 'retention.ms': '-1' });
    expect(judge({ events: forEver })).toEqual([]);
    expect(judge({ events: forEver, facts: forEver })).toEqual([]);
    const short = topic({}, { 'retention.ms': String(DAY_MS) });
    expect(judge({ events: short, facts: short })).toEqual([]);
  });

  it('makes nothing of settings that it may not read', () => {
    const hidden = topic({ settings: new Map() });
    expect(judge({ facts: hidden, tags: hidden }, { version: undefined })).toEqual([]);
  });

  it('tells a refusal to be written to, and brokers that are too old', () => {
    const writeRefused = new TidemarkError('KAFKA_REFUSED', 'not allowed', 'mend');
    expect(judge({}, { writeRefused, version: '1.0-IV0' }).map(({ verdict }) => verdict)).toEqual([
      ...['problem', 'problem'],
    ]);
  });
});

describe('versions', () => {
  it.each([
    ['6.0.16', '6.2', true],
    ['6.2.0', '6.2', false],
    ['7', '6.2', false],
    ['10.0', '6.2', false],
    ['2.0-IV1', '2.1', true],
    ['3.7-IV4', '2.1', false],
    ['4.0 or later', '2.1', false],
    ['unknown', '2.1', false],
  ])('%s before %s: %s', (version, least, before) => {
    expect(isBefore(version, least)).toBe(before);
  });
});
