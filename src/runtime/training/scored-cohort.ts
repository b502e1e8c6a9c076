import type { ScorerKey } from '../../core/scoring/evaluation/gate.ts';
import { groupScores, type ScoreGroups } from '../../core/scoring/evaluation/score-groups.ts';
import { cohortMembers, type CohortKey } from './evaluate-churn.ts';
import type { JudgedOrigin } from './judge-origins.ts';

/**
 * What one scorer said of a cohort, for curves and tables: its probabilities where it has any, else its scores.
 * Undefined for nobody, and where a score cannot be used.
 */
export function groupsOf(
  { history, scored }: Pick<JudgedOrigin, 'history' | 'scored'>,
  cohort: CohortKey,
  scorer: ScorerKey,
): ScoreGroups | undefined {
  const said = scored.probabilities[scorer] ?? scored.scores[scorer];
  const members = cohortMembers(history, scored.rows, cohort);
  const scores = Float64Array.from(members, (i) => said[i] ?? NaN);
  if (scores.length === 0 || !scores.every(Number.isFinite)) return undefined;
  return groupScores(
    scores,
    Uint8Array.from(members, (i) => scored.labels[i] ?? 0),
  );
}
