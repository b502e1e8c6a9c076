import * as z from 'zod';
import { featureNamed } from '../../core/features/catalogue.ts';
import { parseSegmentModel } from '../../core/scoring/segments/parse-segment-model.ts';
import type { SegmentModel } from '../../core/scoring/segments/segment-model.ts';
import type { StoredModel } from '../../ports/model-registry.ts';
import type { ServedModels } from '../../ports/served-models.ts';
import { modelInvalid } from './model-invalid.ts';

const modelsSchema = z.object({
  models: z.object({ value_segment: z.unknown(), style: z.unknown() }).partial(),
});

/**
 * The models of a segments manifest, `models.value_segment` and `models.style`; either may be absent. Throws
 * `MODEL_INVALID` with everything that is wrong with the first that is none, or is of features that do not exist or depend
 * on the population.
 */
export function servedSegments({
  version,
  manifest,
}: StoredModel): Pick<ServedModels, 'valueSegments' | 'styles'> {
  const read = modelsSchema.safeParse(manifest);
  if (!read.success) throw modelInvalid(`the manifest of ${version} is not that of segment models`);
  const { value_segment: value, style } = read.data.models;
  const modelAt = (name: string, part: unknown): SegmentModel | undefined =>
    part === undefined ? undefined : segmentModel(`${name} of ${version}`, part);
  return { valueSegments: modelAt('value_segment', value), styles: modelAt('style', style) };
}

function segmentModel(place: string, value: unknown): SegmentModel {
  const model = parseSegmentModel(value);
  if (!model.ok) throw modelInvalid(`${place} is no segment model: ${model.error.join('; ')}`);
  const unknown = model.value.inputs.find(({ feature }) => featureNamed(feature) === undefined);
  if (unknown !== undefined)
    throw modelInvalid(
      `${place} does not fit this version of Tidemark: it knows no feature ${unknown.feature}`,
    );
  // What is foreseen of a person holds until they act; the next review would make it another.
  const common = model.value.inputs.find(({ feature }) => featureNamed(feature)?.population === true);
  if (common !== undefined)
    throw modelInvalid(
      `${place} reads ${common.feature}, which depends on everybody, not on the person alone`,
    );
  return model.value;
}
