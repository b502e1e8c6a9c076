export interface DeclaredMetric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly labels: readonly string[];
  /** One sentence, the same as in `src/docs/metrics.md`. */
  readonly help: string;
  /** Upper bounds, of histograms. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const RECORDS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000];

function counter(name: string, labels: readonly string[], help: string) {
  return { type: 'counter', name, labels, help } as const;
}

function gauge(name: string, labels: readonly string[], help: string) {
  return { type: 'gauge', name, labels, help } as const;
}

function histogram(name: string, help: string, buckets: readonly number[]) {
  return { type: 'histogram', name, labels: [], help, buckets } as const;
}

/** Every metric of our own, once; `src/docs/metrics.md` lists them, and a test holds the two together. */
export const DECLARED_METRICS = {
  recordsRead: counter(
    'tidemark_records_read_total',
    ['role', 'source'],
    'records read from Kafka; those read again after an outage count again',
  ),
  events: counter(
    'tidemark_events_total',
    ['outcome'],
    'events that are worked off, by what became of them: accepted, duplicate, late (accepted more than five minutes after their own time) or rejected',
  ),
  eventsRejected: counter(
    'tidemark_events_rejected_total',
    ['reason'],
    'events that could not be used, by reason; `too_late` are those older than the longest window',
  ),
  eventsUnknownName: counter(
    'tidemark_events_unknown_name_total',
    [],
    'events whose name says nothing to Tidemark; they count as activity',
  ),
  commitRecords: histogram('tidemark_commit_records', 'records of a turn that were stored together', RECORDS),
  commitSeconds: histogram('tidemark_commit_seconds', 'how long the store took to store a turn', SECONDS),
  publishSeconds: histogram(
    'tidemark_publish_seconds',
    'how long Kafka took to take in announcements that were published together',
    SECONDS,
  ),
  fenced: counter('tidemark_fenced_total', [], 'commits refused because another worker had the partition'),
  outages: counter(
    'tidemark_outages_total',
    ['role', 'code'],
    'outages that began, by error code, each partition for itself; tries within one do not count',
  ),
  partitionsHeld: gauge(
    'tidemark_partitions_held',
    ['role'],
    'partitions that this process works on now; 0 for long: the group gave it none, or Kafka is not reached',
  ),
  partitionsWaiting: gauge(
    'tidemark_partitions_waiting',
    ['role', 'code'],
    'partitions that wait for the end of an outage now',
  ),
  lagRecords: gauge(
    'tidemark_lag_records',
    ['role', 'source', 'partition'],
    'records in Kafka that are not worked off, as of the last read: it stands still while an outage lasts',
  ),
  lagSeconds: gauge(
    'tidemark_lag_seconds',
    ['partition'],
    'how long ago the instant is up to which everything that arrived is in; the settling time when all is well',
  ),
  dueLagSeconds: gauge(
    'tidemark_due_lag_seconds',
    ['partition'],
    'how long ago the instant is up to which time has passed for those who live in the partition',
  ),
  published: counter(
    'tidemark_outbox_published_total',
    ['kind'],
    'entries published: transition, trigger, dead_letter, facts; this and the next three count again what is published again after an outage',
  ),
  transitions: counter(
    'tidemark_transitions_total',
    ['dimension', 'cause'],
    'transitions published, by dimension of the policy and cause',
  ),
  triggers: counter(
    'tidemark_triggers_total',
    ['trigger', 'muted'],
    'triggers published, by name in the policy and whether they are not to be acted upon',
  ),
  deadLetters: counter('tidemark_dead_letters_total', ['reason'], 'dead letters published, by reason'),
  insertRows: histogram('tidemark_sink_insert_rows', 'rows of a batch that was stored', RECORDS),
  insertSeconds: histogram(
    'tidemark_sink_insert_seconds',
    'how long it took to store a batch, the waiting for ClickHouse included',
    SECONDS,
  ),
  clickhouseDownSince: gauge(
    'tidemark_clickhouse_down_since_timestamp_seconds',
    [],
    'when the outage of ClickHouse began that the sink waits for, in seconds since 1970; 0 while there is none',
  ),
  unreadable: counter(
    'tidemark_sink_unreadable_total',
    [],
    'messages in the topics of the sink that are none of ours, and were passed over',
  ),
} satisfies Readonly<Record<string, DeclaredMetric>>;

export type MetricKey = keyof typeof DECLARED_METRICS;
