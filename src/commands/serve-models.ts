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
import { isWithoutModel } from '../core/tagging/without-model.ts';
import { TidemarkError } from '../errors.ts';
import { MODEL_KINDS, type ModelRegistry } from '../ports/model-registry.ts';
import type { ServedChurnModel, ServedModels } from '../ports/served-models.ts';
import type { ModelSource } from '../runtime/serving/model-source.ts';
import { openScorer, type ServedScorer } from '../runtime/serving/served-scorer.ts';

/** Beside the state in a database folder: the models its results were made with. */
export const MODELS_FOLDER = 'tidemark.models';

const NOTHING_TRAINED: ServedModels = {
  churn: undefined,
  segmentsVersion: undefined,
  valueSegments: undefined,
  styles: undefined,
};

/** Serves where no churn model was promoted: needs no training, and says so by its version. */
const CLOSED_FORM: ServedChurnModel = {
  version: PUBLISHED_CLOSED_FORM.version,
  serves: 'closed_form',
  network: undefined,
  plain: undefined,
  calibration: { 30: null, 90: null },
  closedForm: PUBLISHED_CLOSED_FORM.parameters,
  baseline: new Float32Array(CHURN_INPUTS.length),
  ofOrders: new Set(),
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

interface Following {
  /** Database folder; what serves is kept in it. */
  readonly db?: string | undefined;
  /** Told, once for each promotion, why another model cannot take over. */
  readonly warn?: ((what: string) => void) | undefined;
}

/**
 * The models in force in a registry folder, followed while it lives; without a folder, the closed form. A scorer stays
 * usable until the next but one call: while others take its place, work that is due is still done with it.
 */
export class FollowedModels implements ModelSource {
  private readonly folder: string | undefined;
  private readonly registry: ModelRegistry | undefined;
  private readonly policy: Policy;
  /** Where what served is kept for those who ask later why. */
  private readonly keepIn: string | undefined;
  private readonly warn: (what: string) => void;
  private scorer: ServedScorer | undefined;
  private replaced: ServedScorer | undefined;
  private inForce = '';
  private warnedOf = '';

  constructor(folder: string | undefined, policy: Policy, { db, warn = () => undefined }: Following = {}) {
    this.folder = folder;
    this.registry = folder === undefined ? undefined : new FolderModelRegistry(folder);
    this.policy = policy;
    this.keepIn = db === undefined ? undefined : join(db, MODELS_FOLDER);
    this.warn = warn;
  }

  /** Of what {@link FollowedModels.latest} gave last; empty before. */
  get version(): string {
    return this.scorer?.version ?? '';
  }

  /** Dimensions of the policy whose tags nobody can hold, for want of the model that they need. */
  get withoutModel(): readonly string[] {
    const models = this.scorer ?? NOTHING_TRAINED;
    return this.policy.dimensions.flatMap((one) => (isWithoutModel(one, models) ? [one.name] : []));
  }

  /**
   * The first call rejects with `MODEL_INVALID` for a model that is damaged or does not fit. Later ones leave the last
   * scorer in force, and try again at each call: whatever becomes of a registry stops nobody who runs.
   */
  async latest(): Promise<ServedScorer> {
    this.replaced?.dispose();
    this.replaced = undefined;
    try {
      const scorer = await this.follow();
      this.warnedOf = '';
      return scorer;
    } catch (error) {
      if (this.scorer === undefined) throw error;
      this.warnOnce(error, this.scorer);
      return this.scorer;
    }
  }

  close(): void {
    this.replaced?.dispose();
    this.scorer?.dispose();
    this.replaced = undefined;
    this.scorer = undefined;
  }

  private async follow(): Promise<ServedScorer> {
    const inForce = await this.readInForce();
    if (this.scorer !== undefined && inForce === this.inForce) return this.scorer;
    const scorer = await this.open();
    this.inForce = inForce;
    // Whoever promotes what is in force, or goes there and back, has changed nothing.
    if (this.scorer?.version === scorer.version) {
      scorer.dispose();
      return this.scorer;
    }
    this.replaced = this.scorer;
    this.scorer = scorer;
    return scorer;
  }

  private async open(): Promise<ServedScorer> {
    const served = this.registry === undefined ? NOTHING_TRAINED : await readServedModels(this.registry);
    if (this.folder !== undefined && Object.values(served).every((model) => model === undefined))
      this.warn(
        `nothing is in force in ${this.folder}: the closed form serves until a model is promoted there`,
      );
    const environment = environmentOf(this.policy, NO_POPULATION);
    const load = loadChurnNetwork.bind(undefined, 'wasm');
    const scorer = await openScorer(served, CLOSED_FORM, load, environment);
    try {
      if (this.keepIn !== undefined) await copyInForce(this.folder, this.keepIn);
    } catch (error) {
      scorer.dispose();
      throw error;
    }
    return scorer;
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

  private warnOnce(error: unknown, { version }: ServedScorer): void {
    const why = error instanceof Error ? error.message : String(error);
    if (why === this.warnedOf) return;
    this.warnedOf = why;
    const mend = error instanceof TidemarkError ? `; mend: ${error.mend}` : '';
    this.warn(`${version} goes on scoring people, for what was promoted cannot: ${why}${mend}`);
  }
}
