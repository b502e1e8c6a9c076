import * as z from 'zod';
import { CHURN_INPUTS, CHURN_INPUTS_HASH } from '../../core/scoring/churn/churn-inputs.ts';
import type { StoredNetwork } from '../../ports/churn-network.ts';
import type { Promotion, StoredModel } from '../../ports/model-registry.ts';
import type { ServedChurnModel } from '../../ports/served-models.ts';
import { PLAIN_WIDTHS } from '../../core/scoring/churn/plain-scorer.ts';
import { churnManifestSchema, type ChurnManifest } from './churn-manifest.ts';
import { modelInvalid } from './model-invalid.ts';

export const WEIGHTS_FILE = 'weights.bin';

/** What a churn model says of itself. Throws `MODEL_INVALID` for what no version of Tidemark like this one wrote. */
export function churnManifestOf({ version, manifest }: StoredModel): ChurnManifest {
  const read = churnManifestSchema.safeParse(manifest);
  if (!read.success)
    throw modelInvalid(
      `the manifest of ${version} is not that of a churn model: ${z.prettifyError(read.error)}`,
    );
  return read.data;
}

/**
 * A stored model as the pipeline takes it. The network serves where the gate let it pass or somebody forced it, and the
 * promotion is not of the best baseline; else that serves. Throws `MODEL_INVALID` where its inputs are not those of the
 * running catalogue, in number, name, order and meaning.
 */
export function servedChurn(
  stored: StoredModel,
  { forced, bestBaseline }: Pick<Promotion, 'forced' | 'bestBaseline'>,
): ServedChurnModel {
  const manifest = churnManifestOf(stored);
  const { version } = stored;
  const difference = differenceOf(manifest);
  if (difference !== undefined)
    throw modelInvalid(`${version} does not fit this version of Tidemark: ${difference}`);
  const { gate, calibration, closedForm, plain, ofOrders } = manifest;
  const mayServe = bestBaseline !== true && (forced || gate.passed);
  const network = mayServe ? networkOf(stored, manifest) : undefined;
  return {
    // Another one than the network's: who was scored by the one is scored anew by the other.
    version: bestBaseline === true ? `${version}/baseline` : version,
    serves: network === undefined ? (plain?.key ?? 'closed_form') : 'network',
    network,
    plain: plain ?? undefined,
    calibration,
    closedForm,
    baseline: Float32Array.from(manifest.baseline),
    ofOrders: new Set(ofOrders),
  };
}

/** The first thing in which the model's inputs are not the running ones, as a clause. */
function differenceOf({ inputs, inputsHash, baseline, plain, network }: ChurnManifest): string | undefined {
  const running = CHURN_INPUTS.map(({ name }) => name);
  for (let i = 0; i < Math.max(inputs.length, running.length); i++) {
    const [theirs, ours] = [inputs[i], running[i]];
    if (theirs === ours) continue;
    if (ours === undefined) return `its input ${i + 1}, ${theirs ?? ''}, is one too many`;
    if (theirs === undefined) return `it lacks input ${i + 1}, ${ours}`;
    return `its input ${i + 1} is ${theirs}, and here it is ${ours}`;
  }
  if (inputsHash !== CHURN_INPUTS_HASH)
    return `its inputs have the same names and are made of other features (${inputsHash}, here ${CHURN_INPUTS_HASH})`;
  const widths = [baseline, network?.standardiser.mean, network?.standardiser.scale].map(
    (row) => row?.length,
  );
  if (!widths.every((width) => width === undefined || width === running.length))
    return `its baseline or standardiser is not of ${running.length} numbers`;
  if (!plain) return undefined;
  const width = PLAIN_WIDTHS[plain.key];
  return Object.values(plain.fits).every(({ coefficients }) => coefficients.length === width)
    ? undefined
    : `its ${plain.key} is not of ${width} coefficients`;
}

function networkOf({ version, files }: StoredModel, { network }: ChurnManifest): StoredNetwork | undefined {
  if (network === null) return undefined;
  const weights = files[WEIGHTS_FILE];
  if (weights === undefined) throw modelInvalid(`${version} has a network and no ${WEIGHTS_FILE}`);
  const { shapes, standardiser } = network;
  return { weights, shapes, standardiser };
}
