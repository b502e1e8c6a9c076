import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import type { Instant } from '../../src/core/time.ts';
import type { AnalyticsWriter } from '../../src/ports/analytics.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { StateStore } from '../../src/ports/state-store.ts';
import type { ModelSource } from '../../src/runtime/serving/model-source.ts';
import { runPipeline, type PipelineResult } from '../../src/pipeline.ts';
import { CollectingAnalytics } from './collecting-analytics.ts';
import { listedSource } from './listed-source.ts';
import { TEST_POLICY } from './test-policy.ts';

export interface RunOptions {
  readonly partitions?: number;
  readonly turnRecords?: number;
  readonly blockRecords?: number;
  /** Few, so that people go out of the cache and come back from their records. */
  readonly cachePeople?: number;
  readonly announceRows?: number;
  readonly until?: Instant;
  readonly policy?: Policy;
  /** What scores people; nobody is scored without it. */
  readonly models?: ModelSource;
  /** Goes on from here rather than from nothing. */
  readonly store?: StateStore;
  readonly analytics?: AnalyticsWriter;
}

export function memoryStore(partitions: number, policy: Policy = TEST_POLICY): MemoryStateStore {
  const counted = policy.scores.filter(({ by }) => by === 'quantiles');
  return new MemoryStateStore(partitions, counted);
}

export interface Run {
  readonly store: StateStore;
  readonly result: PipelineResult;
  /** What was written, unless the run was given a writer of its own. */
  readonly told: CollectingAnalytics;
}

/** The whole pipeline over a list of records, in memory, under the test policy unless another is given. */
export async function runRecords(records: readonly SourceRecord[], options: RunOptions = {}): Promise<Run> {
  const policy = options.policy ?? TEST_POLICY;
  const store = options.store ?? memoryStore(options.partitions ?? 1, policy);
  const told = new CollectingAnalytics();
  const result = await runPipeline({
    source: listedSource(records, options.blockRecords),
    store,
    analytics: options.analytics ?? told,
    policy,
    ...(options.models === undefined ? {} : { models: options.models }),
    options: {
      turnRecords: options.turnRecords ?? 500,
      cachePeople: options.cachePeople ?? 50,
      announceRows: options.announceRows ?? 200,
      muteTriggers: false,
      ...(options.until === undefined ? {} : { until: options.until }),
    },
  });
  return { store, result, told };
}
