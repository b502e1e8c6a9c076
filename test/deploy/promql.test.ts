import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DECLARED_METRICS, type DeclaredMetric } from '../../src/adapters/prometheus/declared-metrics.ts';
import { RunMetrics } from '../../src/adapters/prometheus/run-metrics.ts';
import { instant } from '../../src/core/time.ts';
import { ROOT } from '../support/source-tree.ts';
import { readPanels, readRules } from './grafana-files.ts';
import { seriesIn } from './series-in.ts';

const panels = readPanels();
const rules = readRules();

const expressions = [
  ...panels.flatMap(({ dashboard, panel: { title = '', targets = [] } }) =>
    targets.flatMap(({ expr }) =>
      expr === undefined ? [] : [[`${dashboard.title}, ${title}`, expr] as const],
    ),
  ),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
];

/** What Prometheus adds to every series of a scrape, and the series that it makes of a scrape itself. */
const OF_A_SCRAPE = ['job', 'instance'];
const MADE_BY_PROMETHEUS = ['up'];

/** The labels of every series that a process shows, by name. */
async function shownSeries(): Promise<ReadonlyMap<string, readonly string[]>> {
  const shown = new Map(MADE_BY_PROMETHEUS.map((name): [string, readonly string[]] => [name, []]));
  const metrics = new RunMetrics({ now: () => instant(0), partitions: () => [], roles: ['worker', 'sink'] });
  for (const line of (await metrics.text()).split('\n')) {
    // Of what has not happened yet there is only this.
    const [, name = '', type] = /^# TYPE ((?:process|nodejs)_\w+) (\w+)$/.exec(line) ?? [];
    for (const part of type === 'histogram' ? ['_sum', '_count'] : ['']) shown.set(`${name}${part}`, []);
  }
  for (const { name, type, labels } of Object.values<DeclaredMetric>(DECLARED_METRICS)) {
    if (type !== 'histogram') shown.set(name, labels);
    else {
      shown.set(`${name}_bucket`, [...labels, 'le']);
      for (const part of ['sum', 'count']) shown.set(`${name}_${part}`, labels);
    }
  }
  return shown;
}

describe('what asks Prometheus', () => {
  it.each(expressions)('asks for series and labels that there are: %s', async (_, expression) => {
    const shown = await shownSeries();
    const asked = seriesIn(expression);
    expect(asked.length).toBeGreaterThan(0);
    for (const { metric, labels } of asked) {
      const known = shown.get(metric);
      expect(known, metric).toBeDefined();
      expect(labels.filter((label) => ![...(known ?? []), ...OF_A_SCRAPE].includes(label))).toEqual([]);
      expect(labels).toContain('job');
    }
  });

  it('shows every metric of our own', () => {
    const asked = new Set(
      expressions.flatMap(([, expression]) => seriesIn(expression).map(({ metric }) => metric)),
    );
    const unseen = Object.values<DeclaredMetric>(DECLARED_METRICS).filter(
      ({ name }) =>
        ![name, `${name}_bucket`, `${name}_sum`, `${name}_count`].some((series) => asked.has(series)),
    );
    expect(unseen.map(({ name }) => name)).toEqual([]);
  });

  it('names in legends only what it groups by', () => {
    for (const { panel } of panels) {
      for (const { expr = '', legendFormat = '' } of panel.targets ?? []) {
        const said = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        const grouped = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
        expect(said.filter((label) => !grouped.includes(label ?? ''))).toEqual([]);
      }
    }
  });

  it('is itself refused for what is no PromQL', () => {
    expect(() => seriesIn('sum by (role) (tidemark_fenced_total')).toThrow('not PromQL');
  });
});

describe('the alerts', () => {
  it('have names of their own, a severity, and words for who is called', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Tidemark[A-Z]/);
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(Object.keys(annotations)).toEqual(['summary', 'description']);
    }
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  it.skipIf(!hasPromtool)('call when they should, where promtool is installed', () => {
    const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
    expect(promtool('check', 'config', 'grafana/prometheus/prometheus.yml')).not.toContain('FAILED');
    expect(promtool('test', 'rules', 'test/deploy/alerts.promtool.yml')).toContain('SUCCESS');
  });
});
