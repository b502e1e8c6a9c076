import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import {
  DRIFT_REFERENCE_FORMAT,
  freezeReference,
  type DriftReference,
} from '../core/scoring/drift/drift-reference.ts';
import { instant, isoOf } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { StoredModel } from '../ports/model-registry.ts';
import { churnSnapshot } from '../runtime/drift/churn-columns.ts';
import type { RowScores } from '../runtime/drift/row-scores.ts';
import type { ChurnHistory } from '../runtime/training/churn-history.ts';

/** The file of a churn model that says what the people it learnt from looked like. */
export const MODEL_REFERENCE_FILE = 'reference.json';

/** What a reference is of, and so what it can be compared with. */
export interface DriftDocument {
  /** `people`: everybody, by features and tags; `churn`: buyers, by the inputs of the churn model and its scores. */
  readonly of: 'people' | 'churn';
  /** The policy whose tags they held; empty for `churn`. */
  readonly policyVersion: string;
  readonly reference: DriftReference;
}

/** A reference with the name that the table knows it by. */
export interface NamedReference extends DriftDocument {
  readonly name: string;
  /** The model it lies beside. */
  readonly model?: StoredModel;
}

const FORMAT = 'tidemark.drift-reference';

const column = { name: z.string(), counts: z.array(z.array(z.number())) };
const documentSchema = z.object({
  format: z.literal(FORMAT),
  of: z.enum(['people', 'churn']),
  policyVersion: z.string(),
  reference: z.object({
    format: z.literal(DRIFT_REFERENCE_FORMAT),
    frozenAt: z.number().transform(instant),
    people: z.number(),
    bands: z.array(z.number()),
    cells: z.array(
      z.object({ band: z.number(), fromDay: z.number(), toDay: z.number(), people: z.number() }),
    ),
    measures: z.array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal(['feature', 'score']), ...column, cuts: z.array(z.number()) }),
        z.object({ kind: z.literal('segment'), ...column, tags: z.array(z.string()) }),
      ]),
    ),
  }),
});

/** The text of a reference file: equal references, equal text. */
export function referenceText(document: DriftDocument): string {
  const { of, policyVersion, reference } = document;
  return `${JSON.stringify({ format: FORMAT, of, policyVersion, reference })}\n`;
}

/**
 * {@link MODEL_REFERENCE_FILE} of a model: the buyers of the cut-off it was trained up to. `scores` are what it says of
 * them, in the order of the cut-off's rows and in the numbers that are served.
 */
export function churnReferenceFile(history: ChurnHistory, scores: readonly RowScores[] = []): Uint8Array {
  const { rows, asOf } = history;
  const reference = freezeReference(churnSnapshot(rows, history.rowsAt(0), asOf, scores));
  return Buffer.from(referenceText({ of: 'churn', policyVersion: '', reference }));
}

/** Named by the instant it was frozen at. Throws `INPUT_NOT_FOUND`, `DRIFT_INCOMPARABLE`. */
export async function readReference(path: string): Promise<NamedReference> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TidemarkError(
      'INPUT_NOT_FOUND',
      `the reference ${path} cannot be read`,
      'check the path; a reference is made with drift --db DIR --freeze FILE',
      cause,
    );
  }
  const document = parseReference(text, path);
  return { ...document, name: isoOf(document.reference.frozenAt) };
}

/** Named by the model. Throws `DRIFT_INCOMPARABLE`. */
export function referenceOfModel(model: StoredModel): NamedReference {
  const bytes = model.files[MODEL_REFERENCE_FILE];
  if (bytes === undefined) {
    throw new TidemarkError(
      'DRIFT_INCOMPARABLE',
      `the model ${model.version} was saved without ${MODEL_REFERENCE_FILE}`,
      'train it anew, or compare with people: freeze some with --freeze and name them with --reference',
    );
  }
  const text = Buffer.from(bytes).toString('utf8');
  return {
    ...parseReference(text, `${MODEL_REFERENCE_FILE} of ${model.version}`),
    name: model.version,
    model,
  };
}

function parseReference(text: string, place: string): DriftDocument {
  let cause: unknown;
  try {
    const parsed = documentSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    cause = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch (error) {
    cause = error;
  }
  throw new TidemarkError(
    'DRIFT_INCOMPARABLE',
    `${place} is no drift reference of this version`,
    'freeze a new one with drift --db DIR --freeze FILE while all is well',
    cause,
  );
}
