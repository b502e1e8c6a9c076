import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { selectTable } from '../../src/adapters/clickhouse/select-table.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from '../adapters/clickhouse/an-embedded-database.ts';
import { aDeadLetter, aTransition, aTrigger } from '../contracts/sample-analytics-rows.ts';
import { readComposeFile } from './compose-file.ts';
import { readDashboards, readDatasources, readGrafanaFile, readPanels } from './grafana-files.ts';

const dashboards = readDashboards();
const panels = readPanels();
const datasources = readDatasources();

describe('the dashboards', () => {
  it('have ids of their own, and so have their panels', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { panels: own } of dashboards) expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
  });

  it('give every panel a title, a unit, a meaning and a source that is provisioned', () => {
    const sources = datasources.map(({ uid, type }) => ({ uid, type }));
    for (const { panels: own } of dashboards) for (const { title } of own) expect(title).toMatch(/\w/);
    for (const { panel } of panels) {
      expect(panel.fieldConfig?.defaults.unit, panel.title).toMatch(/\w/);
      expect(panel.description, panel.title).toMatch(/\w/);
      expect(sources).toContainEqual(panel.datasource);
      for (const target of panel.targets ?? []) expect(target.datasource).toEqual(panel.datasource);
      expect(panel.targets?.length).toBeGreaterThan(0);
    }
  });

  it('lay no panel over another', () => {
    for (const { panels: own } of dashboards) {
      const taken = new Set<string>();
      for (const { gridPos, title } of own) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`), title).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
      }
    }
  });

  it('ask the servers of docker-compose.yml', () => {
    const { services } = readComposeFile();
    const [prometheus, clickhouse] = datasources;
    const { hostname, port } = new URL(prometheus?.url ?? '');
    expect(services[hostname]?.ports).toContain(`127.0.0.1:${port}:${port}`);
    const { host, port: asked, username, defaultDatabase } = clickhouse?.jsonData ?? {};
    const served = services[String(host)];
    expect(served?.ports).toContain(`127.0.0.1:${String(asked)}:${String(asked)}`);
    expect(served?.environment).toMatchObject({ CLICKHOUSE_USER: username, CLICKHOUSE_DB: defaultDatabase });
    const variable = clickhouse?.secureJsonData?.password.replace('$', '') ?? '';
    expect(services['grafana']?.environment?.[variable]).toBe(served?.environment?.['CLICKHOUSE_PASSWORD']);
    expect(services['grafana']?.environment?.['GF_PLUGINS_PREINSTALL_SYNC']).toMatch(`${clickhouse?.type}@`);
  });

  it('lie where Grafana looks', () => {
    const mounts = readComposeFile().services['grafana']?.volumes ?? [];
    const { providers } = parse(readGrafanaFile('provisioning/dashboards/dashboards.yml')) as {
      providers: { options: { path: string } }[];
    };
    expect(mounts).toContain(`./grafana/dashboards:${providers[0]?.options.path}:ro`);
    expect(mounts).toContain('./grafana/provisioning:/etc/grafana/provisioning:ro');
  });
});

describe('what asks ClickHouse', () => {
  const queries = panels.flatMap(({ panel }) =>
    (panel.targets ?? []).flatMap(({ rawSql }) =>
      rawSql === undefined ? [] : [[panel.title ?? '', rawSql] as const],
    ),
  );
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
    // What a sink writes, and no more: profiles and current tags are those of a database folder.
    await database.analytics.write('what-a-sink-writes', {
      tag_transitions: [aTransition()],
      trigger_events: [aTrigger({ muted: false })],
      dead_letters: [aDeadLetter()],
    });
  });
  afterAll(() => database.close());

  it.each(queries)('shows what a sink has written: %s', async (_, sql) => {
    // What the plugin makes of its macro.
    const ran = sql.replaceAll(
      /\$__timeFilter\((\w+)\)/g,
      '$1 >= toDateTime(0) AND $1 <= toDateTime(4000000000)',
    );
    expect(ran).not.toContain('$');
    const { rows } = await selectTable(database.handle, ran);
    expect(rows.length).toBeGreaterThan(0);
    expect(sql).not.toContain('person_id');
  });
});
