import type { InspectedTopic, KafkaInspection } from '../adapters/kafka/inspect-kafka.ts';
import { isBefore, type Findings } from './doctor-finding.ts';
import { formatDuration, formatQuantity } from './terminal/numbers.ts';
import type { TopicNames } from './topics-of.ts';

/** Where record headers and the codecs that we write are known. */
const OLDEST_VERSION = '2.1';
/** Facts need not be kept longer than this, however long events are. */
const LONG_ENOUGH_MS = 7 * 24 * 3600 * 1000;

/** What is to be said of a cluster that answers. `place` are its addresses. */
export function judgeKafka(
  findings: Findings,
  { brokers, version, topics, writeRefused }: KafkaInspection,
  names: TopicNames,
  place: string,
): void {
  findings.ok(
    `${formatQuantity(brokers, 'broker')} at ${place}, version ${version ?? 'not told to this user'}`,
  );
  if (version !== undefined && isBefore(version, OLDEST_VERSION)) {
    findings.problem(
      `the brokers speak the protocol of ${version}`,
      `Bring them to ${OLDEST_VERSION} or later, and the setting inter.broker.protocol.version with them.`,
    );
  }
  if (writeRefused === undefined) findings.ok('a producer may write');
  else {
    const mend =
      'Allow the user WRITE and DESCRIBE on the topics that Tidemark writes, and IDEMPOTENT_WRITE.';
    findings.problem(writeRefused.message, writeRefused.code === 'KAFKA_REFUSED' ? mend : writeRefused.mend);
  }
  judgePresence(findings, topics, names);
  judgePartitions(findings, topics, names);
  const own = [names.facts, ...names.outputs].flatMap((name) => {
    const topic = topics.get(name);
    return topic === undefined ? [] : [{ name, topic }];
  });
  judgeCopies(findings, own);
  judgeServed(findings, topics);
  judgeRetention(findings, topics, names);
}

function judgePresence(findings: Findings, topics: KafkaInspection['topics'], names: TopicNames): void {
  const { events, facts, outputs } = names;
  const missingOf = (wanted: readonly string[]) => wanted.filter((name) => !topics.has(name));
  const [missingEvents, missingOwn] = [missingOf(events), missingOf([facts, ...outputs])];
  if (missingEvents.length > 0) {
    findings.problem(
      `there is no topic ${missingEvents.join(', ')} to read events from, or this user may not see it`,
      'Create it where it is filled or by `migrate --partitions N`, correct eventTopics, or allow the user DESCRIBE and READ.',
    );
  }
  if (missingOwn.length > 0) {
    findings.problem(
      `there is no topic ${missingOwn.join(', ')}, or this user may not see it`,
      'Run `migrate`, or allow the user DESCRIBE on it.',
    );
  }
  if (missingEvents.length + missingOwn.length === 0) findings.ok(`all ${topics.size} topics are there`);
}

function judgePartitions(findings: Findings, topics: KafkaInspection['topics'], names: TopicNames): void {
  const groups = [
    { what: 'the topics that workers read', members: [...names.events, names.facts] },
    { what: 'the topics that the sink reads', members: names.outputs },
  ];
  for (const { what, members } of groups) {
    const found = members.flatMap((name) => {
      const topic = topics.get(name);
      return topic === undefined ? [] : [{ name, partitions: topic.partitions }];
    });
    const counts = new Set(found.map(({ partitions }) => partitions));
    const [count] = counts;
    if (count === undefined) continue;
    if (counts.size === 1) findings.ok(`${what} have ${formatQuantity(count, 'partition')} each`);
    else {
      findings.problem(
        `${what} differ in their number of partitions: ${found.map(({ name, partitions }) => `${name} has ${partitions}`).join(', ')}`,
        'Give them the same number: a topic of events by copying it, keyed by person; one of Tidemark by stopping all workers, deleting it once it is read to its end, and `migrate`.',
      );
    }
  }
}

function judgeCopies(
  findings: Findings,
  own: readonly { readonly name: string; readonly topic: InspectedTopic }[],
): void {
  if (own.length === 0) return;
  const namesOf = (which: (topic: InspectedTopic) => boolean) =>
    own.flatMap(({ name, topic }) => (which(topic) ? [name] : [])).join(', ');
  const single = namesOf(({ replicas }) => replicas < 2);
  const unconfirmed = namesOf(
    ({ replicas, settings }) => replicas >= 2 && settings.get('min.insync.replicas') === '1',
  );
  if (single !== '') {
    findings.warn(
      `replication factor 1: what is in ${single} is lost with one disk`,
      'Have three copies (kafka-reassign-partitions), and min.insync.replicas 2.',
    );
  }
  if (unconfirmed !== '') {
    findings.warn(
      `min.insync.replicas 1: one broker may confirm what it alone has of ${unconfirmed}`,
      'Set min.insync.replicas 2 on these topics, with three copies.',
    );
  }
  if (single === '' && unconfirmed === '') findings.ok('what Tidemark writes is in several copies');
}

function judgeServed(findings: Findings, topics: KafkaInspection['topics']): void {
  for (const [name, { replicas, inSync, settings }] of topics) {
    const mend = 'Bring the brokers back that hold its copies.';
    if (inSync < Number(settings.get('min.insync.replicas') ?? 1)) {
      findings.problem(`${name} has ${inSync} copies in sync, too few to be written to`, mend);
    } else if (inSync < replicas) {
      findings.warn(`${name} has ${inSync} of ${replicas} copies in sync`, mend);
    }
  }
}

function judgeRetention(findings: Findings, topics: KafkaInspection['topics'], names: TopicNames): void {
  const settings = topics.get(names.facts)?.settings;
  const kept = keptMs(settings);
  if (settings === undefined || kept === undefined) return;
  if (settings.get('cleanup.policy')?.includes('compact') === true) {
    findings.problem(
      `${names.facts} is compacted: of several facts about a person only the last would be kept`,
      'Set cleanup.policy delete on it.',
    );
  }
  const ofEvents = names.events.flatMap((name) => keptMs(topics.get(name)?.settings) ?? []);
  const needed = Math.min(LONG_ENOUGH_MS, Math.max(0, ...ofEvents));
  const size = Number(settings.get('retention.bytes') ?? -1);
  if (kept < needed) {
    findings.warn(
      `${names.facts} keeps facts for ${formatDuration(kept)}, events are kept longer: whoever goes back to an older copy of Redis would miss them`,
      `Set retention.ms of it to ${needed} or more.`,
    );
  } else if (size >= 0) {
    findings.warn(
      `${names.facts} keeps facts up to a size (retention.bytes ${size}), however young they are`,
      'Set retention.bytes of it to -1, and bound it by time.',
    );
  } else findings.ok(`${names.facts} keeps facts ${kept === Infinity ? '' : 'for '}${formatDuration(kept)}`);
}

/** Infinity for ever; undefined where it is not told. */
function keptMs(settings: InspectedTopic['settings'] | undefined): number | undefined {
  const text = settings?.get('retention.ms');
  if (text === undefined) return undefined;
  return Number(text) < 0 ? Infinity : Number(text);
}
