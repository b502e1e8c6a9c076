import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { readFlapRates, type DimensionFlaps } from '../adapters/clickhouse/flap-rates.ts';
import { holdsRows } from '../adapters/clickhouse/holds-rows.ts';
import { migrate } from '../adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { CountingAnalytics } from '../adapters/memory/counting-analytics.ts';
import type { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import {
  NOTHING_UNDERWAY,
  loadSnapshot,
  saveSnapshot,
  type SnapshotIdentity,
  type Underway,
} from '../adapters/memory/state-snapshot.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { CATALOGUE_HASH } from '../core/features/catalogue.ts';
import type { Policy } from '../core/tagging/policy.ts';
import { rulebookOf } from '../core/tagging/rulebook.ts';
import { instant, isoOf, latest, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { runPipeline, type PipelineOptions, type PipelineResult } from '../pipeline.ts';
import type { AnalyticsWriter } from '../ports/analytics.ts';
import type { EventSource } from '../ports/event-source.ts';
import type { TagCounts } from '../runtime/profile-writer.ts';
import type { RunTally } from '../runtime/tally.ts';
import { interruptible } from './interruptible.ts';
import { LiveTagStore } from './live-tags.ts';
import { MarkedAnalytics } from './marked-analytics.ts';
import { FollowedModels } from './serve-models.ts';
import { SourceWatch } from './source-watch.ts';

/**
 * Sizes for one process that reads history: long turns, because whoever acts does so several times in a row and is
 * then written once; nobody decoded between turns, because the collector has to walk them.
 */
export const EMBEDDED_SIZES = { turnRecords: 16_384, cachePeople: 0, announceRows: 20_000 } as const;

/** Beside the engine's own files in a database folder. */
export const STATE_FILE = 'tidemark.state';

export interface EmbeddedRun extends Pick<PipelineOptions, 'until' | 'signal' | 'muteTriggers'> {
  readonly source: EventSource;
  /** Without a folder nothing is kept, and no ClickHouse is needed. */
  readonly db: string | undefined;
  /** Policy file; the default pack without it. */
  readonly policy: string | undefined;
  /** Registry of models; what is promoted in it while the run lasts is taken up. Without it, the closed form. */
  readonly models?: string | undefined;
  /** Told what a user should know of, and no run ends for. */
  readonly warn?: (what: string) => void;
  readonly partitions: number;
  /** `tags`: people by tag at present; empty when the run goes on from an earlier one. */
  readonly onTurn?: (tally: RunTally, now: Instant, tags: TagCounts) => void;
}

export interface EmbeddedResult extends PipelineResult {
  readonly policy: Policy;
  /** What scored people at the end. */
  readonly scoredBy: string;
  /** Dimensions whose tags nobody can hold, for want of a model. */
  readonly withoutModel: readonly string[];
  /** Of everything the folder holds; empty without one. */
  readonly flapRates: readonly DimensionFlaps[];
  /** What everyone's state takes in memory, index and free room included. */
  readonly stateBytes: number;
}

/**
 * The pipeline in one process, over a state in memory. With a folder it goes on from where the folder stands, and
 * leaves there first the rows, then the state: whenever it is stopped, the same run again completes the work and
 * repeats nothing. Before rows are written the state file says what they come from, so that no other run takes the
 * place of one that was killed.
 */
export async function runEmbedded(run: EmbeddedRun): Promise<EmbeddedResult> {
  const policyPath = run.policy ?? defaultPolicyPath();
  const policy = await loadPolicy(policyPath);
  const { counted } = rulebookOf(policy);
  const store = new LiveTagStore(run.partitions, counted);
  const models = new FollowedModels(run.models, policy, { db: run.db, warn: run.warn });
  const options = {
    ...EMBEDDED_SIZES,
    muteTriggers: run.muteTriggers,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
    onTurn: (tally: RunTally, now: Instant) => run.onTurn?.(tally, now, store.beganEmpty ? store.tags : {}),
  };
  const runInto = (
    from: EventSource,
    analytics: AnalyticsWriter,
    until = run.until,
  ): Promise<PipelineResult> =>
    runPipeline({
      source: from,
      store,
      analytics,
      policy,
      models,
      options: { ...options, ...(until === undefined ? {} : { until }) },
    });

  const source = interruptible(run.source);
  if (run.db === undefined) {
    const result = await runInto(source, new CountingAnalytics());
    const { version: scoredBy, withoutModel } = models;
    models.close();
    return { policy, scoredBy, withoutModel, flapRates: [], stateBytes: store.bytes, ...result };
  }

  const clickhouse = await openEmbeddedClickhouse({ path: run.db });
  try {
    const path = join(run.db, STATE_FILE);
    const identity: SnapshotIdentity = {
      policyVersion: policy.version,
      catalogueHash: CATALOGUE_HASH,
      partitions: run.partitions,
    };
    const found = await loadSnapshot(store, path, identity);
    const { digests, underway } = found ?? { digests: {}, underway: NOTHING_UNDERWAY };
    const clock = latest(clockOf(store), underway.clock);
    refuseEarlierEnd(run.until, clock, run.db);
    const { version } = await models.latest();
    refuseOtherModels(underway, version, run.db);
    await migrate(clickhouse);
    // The state is written before the first row.
    if (found === undefined && (await holdsRows(new ClickhouseAnalytics(clickhouse))))
      throw stateless(run.db);
    const policyText = await readFile(policyPath, 'utf8');
    if (found === undefined) await saveSnapshot(store, path, { identity, policyText, digests, underway });
    warnOfAnother(source.sources, offsetsOf(store), run);
    const watch = new SourceWatch(source, { db: run.db, offsets: offsetsOf(store), digests, underway });
    const analytics = new MarkedAnalytics(new ClickhouseAnalytics(clickhouse), {
      watch,
      path,
      people: await store.size(),
      underway: { ...underway, clock },
      until: run.until,
      scoredBy: () => models.version,
    });
    const result = await runInto(watch, analytics, run.until ?? clock);
    const offsets = offsetsOf(store);
    await saveSnapshot(store, path, {
      identity,
      policyText,
      digests: watch.digestsAt(offsets),
      underway: watch.underwayAfter(offsets),
    });
    const { version: scoredBy, withoutModel } = models;
    const flapRates = await readFlapRates(new ClickhouseAnalytics(clickhouse));
    return { policy, scoredBy, withoutModel, flapRates, stateBytes: store.bytes, ...result };
  } finally {
    models.close();
    await clickhouse.close();
  }
}

function clockOf(store: MemoryStateStore): Instant {
  return store.summary().partitions.reduce((clock, part) => latest(clock, instant(part.clock)), instant(0));
}

/** Every commit moves the offsets of all partitions together. */
function offsetsOf(store: MemoryStateStore): Readonly<Record<string, number>> {
  return store.summary().partitions[0]?.offsets ?? {};
}

/** Rows of a run that was killed rest on what scored people in it: only the same gives the states that belong to them. */
function refuseOtherModels({ beginnings, scoredBy = [] }: Underway, version: string, db: string): void {
  if (Object.keys(beginnings).length === 0 || scoredBy.length === 0) return;
  if (scoredBy.length === 1 && scoredBy[0] === version) return;
  throw new TidemarkError(
    'DATABASE_OTHER_ORIGIN',
    `${db} holds rows of a run that was stopped, in which people were scored by ${scoredBy.join(', then by ')}; now it would be ${version}`,
    scoredBy.length === 1 && scoredBy[0] !== version
      ? 'put that model in force again to complete the run, or name a new folder as --db'
      : 'name a new folder as --db',
  );
}

/** Nothing in most formats tells a second history from the first under another name, which would count twice. */
function warnOfAnother(
  sources: readonly string[],
  offsets: Readonly<Record<string, number>>,
  { db, warn }: Pick<EmbeddedRun, 'db' | 'warn'>,
): void {
  const others = Object.keys(offsets).filter((source) => !sources.includes(source));
  if (others.length === 0 || sources.some((source) => (offsets[source] ?? 0) > 0)) return;
  warn?.(
    `${db ?? ''} holds ${others.join(', ')}, and ${sources.join(', ')} is added to it: a file is known by its name, and the same one under another name counts again`,
  );
}

function stateless(db: string): TidemarkError {
  return new TidemarkError(
    'DATABASE_OTHER_ORIGIN',
    `${db} holds results, and no ${STATE_FILE} that says what they rest on`,
    'put that file back where it was, or name a new folder as --db',
  );
}

function refuseEarlierEnd(until: Instant | undefined, clock: Instant, db: string): void {
  if (until === undefined || until >= clock) return;
  throw new TidemarkError(
    'USAGE',
    `--until ${isoOf(until)} lies in the past of ${db}, where time has come to ${isoOf(clock)} and cannot be turned back`,
    'name a new folder as --db, or a later --until',
  );
}
