import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECLARED_METRICS, type DeclaredMetric } from '../../../src/adapters/prometheus/declared-metrics.ts';
import { RunMetrics } from '../../../src/adapters/prometheus/run-metrics.ts';
import { instant } from '../../../src/core/time.ts';
import type { PartitionSight } from '../../../src/ports/telemetry.ts';
import { announcedBy } from '../../support/announced-by.ts';
import { ROOT } from '../../support/source-tree.ts';

const NOW = instant(1_000_000);
const DECLARED: readonly DeclaredMetric[] = Object.values(DECLARED_METRICS);

function metricsOf(...partitions: PartitionSight[]): RunMetrics {
  return new RunMetrics({ now: () => NOW, partitions: () => partitions, roles: ['worker', 'sink'] });
}

/** By name and labels. */
async function valuesOf(metrics: RunMetrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('tidemark_'));
  return new Map(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(/[^ ]+$/.exec(line)?.[0])]));
}

const SIGHT: PartitionSight = {
  role: 'worker',
  partition: 2,
  behind: { events: 7, facts: 0 },
  until: instant(NOW - 500),
  clock: instant(NOW - 1500),
  outages: [],
};

describe('the metrics', () => {
  it('are those that the documentation lists, and no others', () => {
    const rows = readFileSync(join(ROOT, 'src/docs/metrics.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `tidemark_'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(
      DECLARED.map(({ name, type, labels, help }) => [
        `\`${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(', '),
        help,
      ]),
    );
  });

  it('are named as Prometheus wants it', () => {
    for (const { name, type } of DECLARED) {
      expect(name).toMatch(/^tidemark_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });

  it('are all there from the beginning, with those of the process', async () => {
    const text = await metricsOf().text();
    for (const { name, type } of DECLARED) expect(text).toContain(`# TYPE ${name} ${type}\n`);
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('stand in a registry of their own', async () => {
    const [one, other] = [metricsOf(), metricsOf()];
    one.fenced();
    expect((await valuesOf(one)).get('tidemark_fenced_total')).toBe(1);
    expect((await valuesOf(other)).get('tidemark_fenced_total')).toBe(0);
  });

  it('count what became of events', async () => {
    const metrics = metricsOf();
    const rejected = { too_late: 2, malformed: 1 };
    metrics.workedOff(40, { accepted: 30, duplicate: 4, late: 3, rejected, unknownNames: 5 });
    metrics.workedOff(2, { accepted: 2, duplicate: 0, late: 0, rejected: {}, unknownNames: 0 });
    const values = await valuesOf(metrics);
    expect(values.get('tidemark_events_total{outcome="accepted"}')).toBe(32);
    expect(values.get('tidemark_events_total{outcome="duplicate"}')).toBe(4);
    expect(values.get('tidemark_events_total{outcome="late"}')).toBe(3);
    expect(values.get('tidemark_events_total{outcome="rejected"}')).toBe(3);
    expect(values.get('tidemark_events_rejected_total{reason="too_late"}')).toBe(2);
    expect(values.get('tidemark_events_unknown_name_total')).toBe(5);
    expect(values.get('tidemark_commit_records_sum')).toBe(42);
    expect(values.get('tidemark_commit_records_count')).toBe(2);
  });

  it('count what was published, and name nobody', async () => {
    const announced = await announcedBy({ people: 20, days: 30, seed: 3 });
    const metrics = metricsOf();
    metrics.published(
      announced.map((announcement, sequence) => ({ partition: 0, sequence, announcement })),
      250,
    );
    const values = await valuesOf(metrics);
    const people = new Set<string>();
    let transitions = 0;
    for (const one of announced) {
      if (one.kind !== 'transition') continue;
      transitions += 1;
      people.add(one.transition.personId);
    }
    expect(people.size).toBeGreaterThan(5);
    expect(values.get('tidemark_outbox_published_total{kind="transition"}')).toBe(transitions);
    const byCause = [...values].filter(([name]) => name.startsWith('tidemark_transitions_total'));
    expect(byCause.reduce((sum, [, value]) => sum + value, 0)).toBe(transitions);
    expect(values.get('tidemark_publish_seconds_sum')).toBe(0.25);
    const text = await metrics.text();
    for (const person of people) expect(text).not.toContain(person);
  });

  it('show what is held, what waits, and how far behind it is, as of now', async () => {
    const partitions: PartitionSight[] = [
      { ...SIGHT, outages: [{ of: 'turn', code: 'REDIS_UNAVAILABLE', since: NOW }] },
      {
        ...{ role: 'sink', partition: 0, behind: { rows: 12 }, until: undefined, clock: undefined },
        outages: [{ of: 'clickhouse', code: 'DATABASE_WRITE', since: instant(400_000) }],
      },
    ];
    const metrics = metricsOf(...partitions);
    const options = { now: () => NOW, partitions: () => partitions, roles: ['worker', 'sink'] } as const;
    const values = await valuesOf(new RunMetrics(options));
    expect(await valuesOf(metrics)).toEqual(values);
    expect(values.get('tidemark_partitions_held{role="worker"}')).toBe(1);
    expect(values.get('tidemark_partitions_waiting{role="worker",code="REDIS_UNAVAILABLE"}')).toBe(1);
    expect(values.get('tidemark_lag_records{role="worker",source="events",partition="2"}')).toBe(7);
    expect(values.get('tidemark_lag_records{role="sink",source="rows",partition="0"}')).toBe(12);
    expect(values.get('tidemark_lag_seconds{partition="2"}')).toBe(0.5);
    expect(values.get('tidemark_due_lag_seconds{partition="2"}')).toBe(1.5);
    expect(values.get('tidemark_clickhouse_down_since_timestamp_seconds')).toBe(400);
  });

  it('forget partitions that went to others', async () => {
    const partitions = [SIGHT];
    const metrics = new RunMetrics({ now: () => NOW, partitions: () => partitions, roles: ['worker'] });
    expect((await valuesOf(metrics)).has('tidemark_lag_seconds{partition="2"}')).toBe(true);
    partitions.length = 0;
    const values = await valuesOf(metrics);
    expect(values.has('tidemark_lag_seconds{partition="2"}')).toBe(false);
    expect(values.get('tidemark_partitions_held{role="worker"}')).toBe(0);
    expect(values.get('tidemark_clickhouse_down_since_timestamp_seconds')).toBe(0);
  });
});
