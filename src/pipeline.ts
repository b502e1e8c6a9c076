import type { Policy } from './core/tagging/policy.ts';
import { rulebookOf } from './core/tagging/rulebook.ts';
import { NEVER, latest, type Instant } from './core/time.ts';
import type { AnalyticsWriter } from './ports/analytics.ts';
import type { EventSource } from './ports/event-source.ts';
import type { StateStore } from './ports/state-store.ts';
import { Announcer } from './runtime/announcer.ts';
import { writeEveryone, type TagCounts } from './runtime/profile-writer.ts';
import { StreamProcessor } from './runtime/stream-processor.ts';
import { isUsable, nextPart } from './runtime/turns.ts';
import type { ModelSource } from './runtime/serving/model-source.ts';
import type { RunTally } from './runtime/tally.ts';

/**
 * The whole product: events → windows → features → scores → tags → triggers, for each person, exactly once, on
 * two clocks.
 *
 *   source ─▶ take: decode ─▶ by person: fold · features · score · tag · decide ─┐
 *                                                                                ├─▶ commit ─▶ announce ─▶ ClickHouse
 *   due queue ─▶ advanceTo (reviews) · sweep (people whose time came) ───────────┘
 */
export interface Pipeline {
  readonly source: EventSource;
  readonly store: StateStore;
  readonly analytics: AnalyticsWriter;
  readonly policy: Policy;
  /** Without it nobody is scored. */
  readonly models?: ModelSource;
  readonly options: PipelineOptions;
}

export interface PipelineOptions {
  /** Records per commit: more share a write, fewer answer sooner. The result is the same. */
  readonly turnRecords: number;
  readonly cachePeople: number;
  readonly announceRows: number;
  readonly muteTriggers: boolean;
  /** Let time pass up to here at the end; otherwise to the last arrival. */
  readonly until?: Instant;
  readonly signal?: AbortSignal;
  readonly onTurn?: (tally: RunTally, now: Instant) => void;
}

export interface PipelineResult {
  readonly tally: RunTally;
  readonly people: number;
  readonly tags: TagCounts;
  /** The instant everything in the result speaks of. */
  readonly asOf: Instant;
  /** Stopped by the signal: what was read is committed, the rest awaits another run. */
  readonly interrupted: boolean;
}

/**
 * Runs a source through to its end. Afterwards time has passed for everyone up to `asOf`, everything decided
 * is announced, and everyone's profile is written. Running the same source again over the same store changes
 * nothing.
 */
export async function runPipeline({
  source,
  store,
  analytics,
  policy,
  models,
  options,
}: Pipeline): Promise<PipelineResult> {
  const { turnRecords, cachePeople, announceRows, muteTriggers, until, signal, onTurn } = options;
  const rulebook = rulebookOf(policy);
  const scorer = await models?.latest();
  const processor = new StreamProcessor({ store, rulebook, scorer, cachePeople, muteTriggers });
  const announcer = new Announcer({ store, analytics, policy, batchRows: announceRows });
  await processor.start();

  const endTurn = async (): Promise<void> => {
    await processor.commit();
    await announcer.drain(processor.currentClaims, false);
    onTurn?.(processor.tally, processor.now);
    if (models !== undefined) await processor.useModels(await models.latest());
  };

  for await (const block of source.read({})) {
    for (let at = 0; at < block.length && signal?.aborted !== true;) {
      const first = block[at];
      const review = processor.nextReviewAt;
      if (first !== undefined && isUsable(first)) await processor.advanceTo(first.receivedAt);
      // It has committed what was taken before: of a quiet history no turn would ever be full.
      if (processor.nextReviewAt !== review && review !== NEVER) await endTurn();
      const part = nextPart(block, at, turnRecords - processor.turnRecords, processor.nextReviewAt);
      processor.take(part);
      at += part.length;
      if (processor.turnRecords >= turnRecords) await endTurn();
    }
    if (signal?.aborted === true) break;
  }
  await endTurn();

  const interrupted = signal?.aborted === true;
  const asOf = until === undefined || interrupted ? processor.now : latest(until, processor.now);
  await processor.advanceTo(asOf);
  await processor.sweepAll(asOf);
  await announcer.drain(processor.currentClaims, true);
  const keepScores = !interrupted;
  const everyone = await writeEveryone({
    ...{ store, analytics, processor, asOf, keepScores },
    batchPeople: announceRows,
  });
  return { tally: processor.tally, ...everyone, asOf, interrupted };
}
