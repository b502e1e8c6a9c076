import { packModel, unpackModel } from '../adapters/models/packed-model.ts';
import { servedChurn } from '../adapters/models/served-churn.ts';
import type { ServedChurnModel } from '../ports/served-models.ts';
import type { ChurnHistory } from '../runtime/training/churn-history.ts';
import type { ChurnEvaluation } from '../runtime/training/evaluate-churn.ts';
import type { ChurnModel } from '../runtime/training/train-churn-model.ts';
import { churnCandidate } from './churn-candidate.ts';

/** The verdict rests on what is read back, so that cannot hold it: what scores people is the same without. */
const NOT_JUDGED: ChurnEvaluation = {
  ...{ population: 0, baseRate: null, cohorts: {}, regret: null },
  gate: { passed: false, serves: 'mbgNbd', reasons: [] },
};
const UNSAID = { source: '', currency: '', purpose: '', seed: 0 };

/**
 * A trained model as it would be served if it were forced: packed as a registry keeps a candidate, and read from those
 * bytes by the code that serves it, hashes checked. Throws `MODEL_INVALID` where they cannot be read.
 */
export async function readBackChurn(history: ChurnHistory, model: ChurnModel): Promise<ServedChurnModel> {
  const evaluation = { 30: NOT_JUDGED, 90: NOT_JUDGED };
  const { version, files } = packModel(
    churnCandidate({ ...UNSAID, history, model, evaluation, firstAt: history.asOf }),
  );
  const bytes = (name: string): Promise<Uint8Array> => {
    const content = files[name];
    if (content === undefined) throw new Error(`${version} was packed without ${name}`);
    return Promise.resolve(
      typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content),
    );
  };
  const stored = await unpackModel({ kind: 'churn', version }, bytes, (name) => `${name} of ${version}`);
  return servedChurn(stored, { forced: true });
}
