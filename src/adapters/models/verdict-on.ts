import * as z from 'zod';
import type { StoredModel } from '../../ports/model-registry.ts';
import { verdictSchema, type ModelVerdict } from './churn-manifest.ts';
import { modelInvalid } from './model-invalid.ts';

const gateSchemas = {
  churn: z.object({ gate: verdictSchema }).transform(({ gate }) => gate),
  segments: z.object({ publish: verdictSchema }).transform(({ publish }) => publish),
};

/** What was decided on a model when it was made: `gate` of a churn manifest, `publish` of one of segments. */
export function verdictOn({ kind, version, manifest }: StoredModel): ModelVerdict {
  const read = gateSchemas[kind].safeParse(manifest);
  if (!read.success)
    throw modelInvalid(
      `the manifest of ${version} does not say whether it may serve: ${z.prettifyError(read.error)}`,
    );
  return read.data;
}
