import { join } from 'node:path';
import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { readPersonHistory, type PersonHistory } from '../adapters/clickhouse/person-history.ts';
import { readPopulationSummary, type PopulationSummary } from '../adapters/clickhouse/population-summary.ts';
import { openSnapshot } from '../adapters/memory/state-snapshot.ts';
import { parsePolicy } from '../adapters/policy/load-policy.ts';
import { instant } from '../core/time.ts';
import type { AnalyticsReader } from '../ports/analytics.ts';
import { STATE_FILE } from './embedded-run.ts';
import { findPerson } from './find-person.ts';
import { accountOf, type PersonAccount } from './person-account.ts';
import { withModelsOf } from './serve-models.ts';

export interface Flow {
  readonly dimension: string;
  readonly from: string;
  readonly to: string;
  readonly transitions: number;
  readonly byTime: number;
}

/** What the page of a demo tells beyond the run's own counts, read back from the folder. */
export interface DemoStory {
  readonly summary: PopulationSummary;
  readonly flows: readonly Flow[];
  /** Somebody whom time alone made dormant, or else whose tags changed most; undefined in an empty marketplace. */
  readonly account: PersonAccount | undefined;
  readonly history: PersonHistory | undefined;
}

const FLOWS_TOLD = 8;
const CHANGES_TOLD = 6;

/** The buyer with most orders among those whom silence made dormant; where there is none, who changed most. */
const HERO = `SELECT t.person_id AS person,
  countIf(t.to_tag = 'dormant_buyer' AND t.cause = 'time' AND c.tag = 'dormant_buyer') > 0 AS is_silent
FROM tag_transitions AS t
JOIN person_profiles AS p ON p.person_id = t.person_id
LEFT JOIN current_tags AS c ON c.person_id = t.person_id AND c.dimension = t.dimension
GROUP BY person
ORDER BY is_silent DESC, if(is_silent, any(p.orders_total), count()) DESC, person LIMIT 1`;

const FLOWS = `SELECT dimension, from_tag, to_tag, count() AS transitions, countIf(cause = 'time') AS by_time
FROM tag_transitions WHERE from_tag != 'none'
GROUP BY ALL ORDER BY transitions DESC, dimension, from_tag, to_tag LIMIT ${FLOWS_TOLD}`;

export async function readDemoStory(db: string): Promise<DemoStory> {
  const clickhouse = await openEmbeddedClickhouse({ path: db, mustExist: true });
  try {
    const reader = new ClickhouseAnalytics(clickhouse);
    const summary = await readPopulationSummary(reader);
    const flows = await readFlows(reader);
    const [hero] = await reader.query(HERO);
    if (hero === undefined) return { summary, flows, account: undefined, history: undefined };
    const personId = String(hero['person']);
    const history = await readPersonHistory(reader, personId, CHANGES_TOLD);
    return { summary, flows, account: await readAccount(db, personId), history };
  } finally {
    await clickhouse.close();
  }
}

async function readFlows(reader: AnalyticsReader): Promise<Flow[]> {
  const rows = await reader.query(FLOWS);
  return rows.map((row) => ({
    dimension: String(row['dimension']),
    from: String(row['from_tag']),
    to: String(row['to_tag']),
    transitions: Number(row['transitions']),
    byTime: Number(row['by_time']),
  }));
}

async function readAccount(db: string, personId: string): Promise<PersonAccount | undefined> {
  const snapshot = await openSnapshot(join(db, STATE_FILE));
  if (snapshot === undefined) return undefined;
  const { policyText, summary } = snapshot.header;
  const person = await findPerson(snapshot.people(), personId, db);
  const clock = instant(Math.max(...summary.partitions.map((part) => part.clock)));
  const policy = parsePolicy(policyText, `the policy of ${db}`);
  return withModelsOf(db, policy, (scorer) =>
    accountOf(personId, person, clock, policy, summary.inputs, scorer),
  );
}
