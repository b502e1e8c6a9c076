import type { FeatureEnvironment } from '../../core/features/feature.ts';
import type { Person } from '../../core/person.ts';
import { segmentOf } from '../../core/scoring/models.ts';
import type { Instant } from '../../core/time.ts';
import type { ChurnScoreRow } from '../../ports/analytics.ts';
import type { ServedScorer } from './served-scorer.ts';

/** What the models say of a person at an instant, whenever the scores their tags rest on were made. */
export interface CurrentScores {
  /** NaN for who never ordered, and without a model. */
  readonly churn30: number;
  readonly churn90: number;
  readonly valueSegment: string;
}

export const UNSCORED: CurrentScores = { churn30: NaN, churn90: NaN, valueSegment: '' };

/** Of these people, in their order, with one question to the model. */
export function currentScores(
  people: readonly Person[],
  now: Instant,
  scorer: ServedScorer | undefined,
  environment: FeatureEnvironment,
): CurrentScores[] {
  if (scorer === undefined) return people.map(() => UNSCORED);
  const churn = scorer.churn(people.map(({ windows }) => ({ windows, at: now })));
  return people.map(({ windows }, i) => ({
    churn30: churn[2 * i] ?? NaN,
    churn90: churn[2 * i + 1] ?? NaN,
    valueSegment: segmentOf(
      scorer.valueSegments,
      { windows, at: now },
      windows.scores?.valueSegment ?? '',
      environment,
    ),
  }));
}

/** Below it nobody asks why: who more likely than not comes back is no case. */
const EXPLAINED_FROM = 0.5;

/** A row for each who has a score; with reasons where the risk is one half or more. */
export function churnScoreRows(
  people: readonly { readonly personId: string; readonly person: Person; readonly scores: CurrentScores }[],
  now: Instant,
  scorer: ServedScorer,
): ChurnScoreRow[] {
  const scored = people.filter(({ scores }) => !Number.isNaN(scores.churn90));
  const evidence = scored.map(({ person, scores }) =>
    scores.churn90 < EXPLAINED_FROM ? undefined : scorer.evidence({ windows: person.windows, at: now }),
  );
  const reasons = scorer.reasons(evidence.filter((one) => one !== undefined));
  let explained = 0;
  return scored.map(({ personId, scores }, i) => ({
    person_id: personId,
    scored_at: now,
    churn_30d: scores.churn30,
    churn_90d: scores.churn90,
    model_version: scorer.version,
    reasons: JSON.stringify(evidence[i] === undefined ? [] : (reasons[explained++] ?? [])),
  }));
}
