import { dateOf, isoOf } from '../core/time.ts';
import type { PipelineResult } from '../pipeline.ts';
import type { EmbeddedResult } from './embedded-run.ts';

/** The summary object of a run, as `--json` prints it. */
export function summaryOf(result: EmbeddedResult, durationMs: number, db: string | undefined) {
  const { tally, people, tags, asOf, interrupted } = result;
  const { events, transitions, triggers, mutedTriggers, firstRejected, unknownNames } = tally;
  return {
    events,
    currency: result.policy.currency,
    people,
    tags,
    transitions,
    triggers: sum(triggers),
    triggersByName: triggers,
    triggersMuted: mutedTriggers,
    firstRejected,
    unknownNames: Object.fromEntries(unknownNames),
    scoredBy: result.scoredBy,
    flapRates: Object.fromEntries(
      result.flapRates.map(({ dimension, changes, reverted, rate }) => [
        dimension,
        { changes, reverted, rate },
      ]),
    ),
    asOf: asOf > 0 ? isoOf(asOf) : null,
    interrupted,
    ...(db === undefined ? {} : { db }),
    seconds: durationMs / 1000,
    eventsPerSecond: durationMs > 0 ? Math.round((events.read / durationMs) * 1000) : null,
  };
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** A progress note: how far the stream's own time has come. */
export function streamDate(now: PipelineResult['asOf']): string {
  return now > 0 ? `at ${dateOf(now)}` : '';
}
