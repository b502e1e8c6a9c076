import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Instant } from '../../core/time.ts';
import type { OutboxEntry } from '../../ports/state-store.ts';
import type { EventCounts, PartitionSight, SourceKind, WorkingRole } from '../../ports/telemetry.ts';
import { DECLARED_METRICS, type DeclaredMetric, type MetricKey } from './declared-metrics.ts';

export interface MetricsOptions {
  readonly now: () => Instant;
  /** What is worked on, asked at every scrape. */
  readonly partitions: () => Iterable<PartitionSight>;
  readonly roles: readonly WorkingRole[];
}

type KeysOf<Type extends DeclaredMetric['type']> = {
  [Key in MetricKey]: (typeof DECLARED_METRICS)[Key]['type'] extends Type ? Key : never;
}[MetricKey];

/**
 * The metrics of a process that runs, and of the process itself, in a registry of their own. Labels take their values
 * from the code, the policy and the numbers of partitions: never from events, and so never from people.
 * None of the methods throws.
 */
export class RunMetrics {
  private readonly registry = new Registry();
  private readonly options: MetricsOptions;
  private readonly counters = new Map<MetricKey, Counter>();
  private readonly histograms = new Map<MetricKey, Histogram>();
  private readonly gauges = new Map<MetricKey, Gauge>();

  constructor(options: MetricsOptions) {
    this.options = options;
    collectDefaultMetrics({ register: this.registry });
    for (const [key, metric] of Object.entries(DECLARED_METRICS) as [MetricKey, DeclaredMetric][]) {
      const { name, help, labels, buckets = [] } = metric;
      const settings = { name, help, labelNames: [...labels], registers: [this.registry] };
      if (metric.type === 'counter') this.counters.set(key, new Counter(settings));
      else if (metric.type === 'gauge') this.gauges.set(key, new Gauge(settings));
      else this.histograms.set(key, new Histogram({ ...settings, buckets: [...buckets] }));
    }
    for (const outcome of ['accepted', 'duplicate', 'late', 'rejected']) this.count('events', 0, { outcome });
  }

  /** The content type of {@link RunMetrics.text}. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  async text(): Promise<string> {
    this.look();
    return this.registry.metrics();
  }

  read(role: WorkingRole, source: SourceKind, records: number): void {
    this.count('recordsRead', records, { role, source });
  }

  workedOff(records: number, events: EventCounts): void {
    const { accepted, duplicate, late, rejected, unknownNames } = events;
    this.observe('commitRecords', records);
    this.count('events', accepted, { outcome: 'accepted' });
    this.count('events', duplicate, { outcome: 'duplicate' });
    this.count('events', late, { outcome: 'late' });
    for (const [reason, times] of Object.entries(rejected)) {
      this.count('events', times, { outcome: 'rejected' });
      this.count('eventsRejected', times, { reason });
    }
    this.count('eventsUnknownName', unknownNames);
  }

  stored(tookMs: number): void {
    this.observe('commitSeconds', tookMs / 1000);
  }

  fenced(): void {
    this.count('fenced', 1);
  }

  outageBegan(role: WorkingRole, code: string): void {
    this.count('outages', 1, { role, code });
  }

  published(entries: readonly OutboxEntry[], tookMs: number): void {
    this.observe('publishSeconds', tookMs / 1000);
    for (const { announcement } of entries) {
      const { kind } = announcement;
      this.count('published', 1, { kind });
      if (kind === 'transition') {
        const { dimension, cause } = announcement.transition;
        this.count('transitions', 1, { dimension, cause });
      } else if (kind === 'trigger') {
        const { trigger, muted } = announcement;
        this.count('triggers', 1, { trigger: trigger.rule.name, muted: String(muted) });
      } else if (kind === 'dead_letter')
        this.count('deadLetters', 1, { reason: announcement.letter.rejection.reason });
    }
  }

  inserted(rows: number, tookMs: number): void {
    this.observe('insertRows', rows);
    this.observe('insertSeconds', tookMs / 1000);
  }

  unreadable(): void {
    this.count('unreadable', 1);
  }

  /** Sets what is a state rather than a number of times. */
  private look(): void {
    for (const gauge of this.gauges.values()) gauge.reset();
    for (const role of this.options.roles) this.set('partitionsHeld', 0, { role });
    let downSince = Infinity;
    for (const sight of this.options.partitions()) {
      this.lookAt(sight);
      for (const { of, since } of sight.outages)
        if (of === 'clickhouse') downSince = Math.min(downSince, since);
    }
    this.set('clickhouseDownSince', Number.isFinite(downSince) ? downSince / 1000 : 0);
  }

  private lookAt({ role, partition, behind, until, clock, outages }: PartitionSight): void {
    const now = this.options.now();
    this.add('partitionsHeld', { role });
    for (const { code } of outages) this.add('partitionsWaiting', { role, code });
    for (const [source, records] of Object.entries(behind))
      this.set('lagRecords', records, { role, source, partition });
    if (until !== undefined) this.set('lagSeconds', (now - until) / 1000, { partition });
    if (clock !== undefined) this.set('dueLagSeconds', Math.max(0, now - clock) / 1000, { partition });
  }

  private count(key: KeysOf<'counter'>, times: number, labels: Readonly<Record<string, string>> = {}): void {
    this.counters.get(key)?.inc({ ...labels }, times);
  }

  private observe(key: KeysOf<'histogram'>, value: number): void {
    this.histograms.get(key)?.observe(value);
  }

  private set(
    key: KeysOf<'gauge'>,
    value: number,
    labels: Readonly<Record<string, string | number>> = {},
  ): void {
    this.gauges.get(key)?.set({ ...labels }, value);
  }

  private add(key: KeysOf<'gauge'>, labels: Readonly<Record<string, string>>): void {
    this.gauges.get(key)?.inc({ ...labels });
  }
}
