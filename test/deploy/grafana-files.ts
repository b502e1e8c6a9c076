import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/source-tree.ts';

/** What of a dashboard's JSON the tests look at. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr?: string;
    readonly rawSql?: string;
    readonly legendFormat?: string;
    readonly datasource: { readonly uid: string };
  }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** An alert of Prometheus. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Datasource {
  readonly uid: string;
  readonly type: string;
  readonly url?: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData?: { readonly password: string };
}

/** A file of `grafana/`, as it is. */
export function readGrafanaFile(path: string): string {
  return readFileSync(join(ROOT, 'grafana', path), 'utf8');
}

export function readDashboards(): readonly Dashboard[] {
  const names = readdirSync(join(ROOT, 'grafana/dashboards'));
  return names.map((name) => JSON.parse(readGrafanaFile(`dashboards/${name}`)) as Dashboard);
}

/** The panels that show something, of all dashboards. */
export function readPanels(): readonly { readonly dashboard: Dashboard; readonly panel: Panel }[] {
  return readDashboards().flatMap((dashboard) =>
    dashboard.panels.filter(({ type }) => type !== 'row').map((panel) => ({ dashboard, panel })),
  );
}

export function readRules(): readonly Rule[] {
  const { groups } = parse(readGrafanaFile('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function readDatasources(): readonly Datasource[] {
  const file = readGrafanaFile('provisioning/datasources/datasources.yml');
  return (parse(file) as { datasources: Datasource[] }).datasources;
}
