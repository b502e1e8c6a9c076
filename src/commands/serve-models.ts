import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyInForce } from '../adapters/models/copy-in-force.ts';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { readServedModels } from '../adapters/models/read-served-models.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import { PUBLISHED_CLOSED_FORM } from '../core/scoring/churn/closed-form.ts';
import { CHURN_INPUTS } from '../core/scoring/churn/churn-inputs.ts';
import { NO_POPULATION } from '../core/scoring/population.ts';
import type { Policy } from '../core/tagging/policy.ts';
import { environmentOf } from '../core/tagging/rulebook.ts';
import { MODEL_KINDS, type ModelRegistry } from '../ports/model-registry.ts';
import type { ServedChurnModel, ServedModels } from '../ports/served-models.ts';
import type { ModelSource } from '../runtime/serving/model-source.ts';
import { openScorer, type ServedScorer } from '../runtime/serving/served-scorer.ts';

/** Beside the state in a database folder: the models its results were made with. */
export const MODELS_FOLDER = 'tidemark.models';

const NOTHING_TRAINED: ServedModels = { churn: undefined, valueSegments: undefined, styles: undefined };

/** Serves where no churn model was promoted: needs no training, and says so by its version. */
const CLOSED_FORM: ServedChurnModel = {
  version: PUBLISHED_CLOSED_FORM.version,
  serves: 'closed_form',
  network: undefined,
  calibration: { 30: null, 90: null },
  closedForm: PUBLISHED_CLOSED_FORM.parameters,
  baseline: new Float32Array(CHURN_INPUTS.length),
};

/** The registry that ships: its models learnt on the simulator, and are for its marketplace only. */
export function shippedModels(): string {
  return fileURLToPath(new URL('../../models', import.meta.url));
}

/** Runs `use` with the models that a database folder's results were made with. */
export async function withModelsOf<Answer>(
  db: string,
  policy: Policy,
  use: (scorer: ServedScorer) => Answer,
): Promise<Answer> {
  const folder = join(db, MODELS_FOLDER);
  const models = new FollowedModels(existsSync(folder) ? folder : undefined, policy);
  try {
    return use(await models.latest());
  } finally {
    models.close();
  }
}

/** The models in force in a registry folder, followed while it lives; without a folder, the closed form. */
export class FollowedModels implements ModelSource {
  private readonly folder: string | undefined;
  private readonly registry: ModelRegistry | undefined;
  private readonly policy: Policy;
  /** Where what served is kept for those who ask later why. */
  private readonly keepIn: string | undefined;
  private scorer: ServedScorer | undefined;
  private inForce = '';

  constructor(folder: string | undefined, policy: Policy, db?: string) {
    this.folder = folder;
    this.registry = folder === undefined ? undefined : new FolderModelRegistry(folder);
    this.policy = policy;
    this.keepIn = db === undefined ? undefined : join(db, MODELS_FOLDER);
  }

  /** Rejects with `MODEL_INVALID` for a model that is damaged or does not fit: at the start and when one is promoted. */
  async latest(): Promise<ServedScorer> {
    const inForce = await this.readInForce();
    if (this.scorer !== undefined && inForce === this.inForce) return this.scorer;
    const served = this.registry === undefined ? NOTHING_TRAINED : await readServedModels(this.registry);
    const environment = environmentOf(this.policy, NO_POPULATION);
    const load = loadChurnNetwork.bind(undefined, 'wasm');
    const scorer = await openScorer(served, CLOSED_FORM, load, environment);
    if (this.folder !== undefined && this.keepIn !== undefined) await copyInForce(this.folder, this.keepIn);
    this.scorer?.dispose();
    this.scorer = scorer;
    this.inForce = inForce;
    return scorer;
  }

  close(): void {
    this.scorer?.dispose();
    this.scorer = undefined;
  }

  /** One text for what is in force of every kind. */
  private async readInForce(): Promise<string> {
    if (this.registry === undefined) return '';
    const { registry } = this;
    const latest = await Promise.all(
      MODEL_KINDS.map(async (kind) => (await registry.promotions(kind)).at(-1)),
    );
    return JSON.stringify(latest);
  }
}
