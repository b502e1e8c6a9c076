import { servedChurn } from '../adapters/models/served-churn.ts';
import type { LoadChurnNetwork } from '../ports/churn-network.ts';
import type { StoredModel } from '../ports/model-registry.ts';
import { scoresOf, type RowScorer } from '../runtime/drift/row-scores.ts';
import type { ChurnHistory } from '../runtime/training/churn-history.ts';
import type { ChurnCandidate } from './churn-candidate.ts';
import { churnReferenceFile, MODEL_REFERENCE_FILE } from './drift-reference.ts';

/**
 * Asks what a stored model's own gate lets serve, network or baseline, whatever was forced later: so that a reference and
 * the people of now are scored by the same. The scorer is gone when `ask` returns.
 */
export async function askModel<Answer>(
  stored: StoredModel,
  load: LoadChurnNetwork,
  ask: (scorer: RowScorer) => Answer | Promise<Answer>,
): Promise<Answer> {
  const model = servedChurn(stored, { forced: false });
  const network = model.network === undefined ? undefined : await load(model.network);
  try {
    return await ask({ model, network });
  } finally {
    network?.dispose();
  }
}

/** The candidate with how the people of its cut-off looked, and what it says of them, for drift to be measured against. */
export async function withReference(
  candidate: ChurnCandidate,
  history: ChurnHistory,
  load: LoadChurnNetwork,
): Promise<ChurnCandidate> {
  const stored = { ...candidate, version: 'the candidate' };
  const scores = await askModel(stored, load, (scorer) => scoresOf(scorer, history.rows, history.rowsAt(0)));
  const files = { ...candidate.files, [MODEL_REFERENCE_FILE]: churnReferenceFile(history, scores) };
  return { ...candidate, files };
}
