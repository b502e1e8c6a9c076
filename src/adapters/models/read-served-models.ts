import type { ModelKind, ModelRegistry, Promotion, StoredModel } from '../../ports/model-registry.ts';
import type { ServedModels } from '../../ports/served-models.ts';
import { servedChurn } from './served-churn.ts';
import { servedSegments } from './served-segments.ts';

/**
 * What is in force in a registry, checked: nothing that is damaged or does not fit the running catalogue gets through
 * (`MODEL_INVALID`). Whoever runs asks again at the boundary of a turn.
 */
export async function readServedModels(registry: ModelRegistry): Promise<ServedModels> {
  const churn = await inForce(registry, 'churn');
  const segments = await inForce(registry, 'segments');
  return {
    churn: churn && servedChurn(churn.stored, churn.promotion),
    ...(segments === undefined
      ? { segmentsVersion: undefined, valueSegments: undefined, styles: undefined }
      : { segmentsVersion: segments.stored.version, ...servedSegments(segments.stored) }),
  };
}

/** The model that was promoted last, with the decision; undefined when none was. */
export async function inForce(
  registry: ModelRegistry,
  kind: ModelKind,
): Promise<{ readonly stored: StoredModel; readonly promotion: Promotion } | undefined> {
  const promotion = (await registry.promotions(kind)).at(-1);
  if (promotion === undefined) return undefined;
  return { stored: await registry.read(kind, promotion.version), promotion };
}
