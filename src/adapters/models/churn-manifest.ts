import * as z from 'zod';
import { PLAIN_KEYS } from '../../core/scoring/churn/plain-scorer.ts';
import { SCORER_KEYS } from '../../core/scoring/evaluation/gate.ts';
import { SERVED_BY } from '../../ports/served-models.ts';

const count = z.int().nonnegative();
const figure = z.number().nullable();
const numbers = z.array(z.number()).readonly();
const texts = z.array(z.string()).readonly();

function perHorizon<S extends z.ZodType>(schema: S): z.ZodObject<{ 30: S; 90: S }> {
  return z.object({ 30: schema, 90: schema });
}

/** Why something was let into force, or not: whole sentences. */
export const verdictSchema = z.object({ passed: z.boolean(), reasons: texts });
export type ModelVerdict = z.infer<typeof verdictSchema>;

const metricsSchema = z.object({
  ...{ auc: figure, aucLow: figure, aucHigh: figure, prAuc: figure },
  ...{ liftAt5: figure, liftAt10: figure, liftAt20: figure },
  ...{ brier: figure, brierSkill: figure, logLoss: figure },
  ...{ ece: figure, calibrationSlope: figure, calibrationIntercept: figure },
  unusableScores: count,
});

const cohortSchema = z.object({
  n: count,
  baseRate: figure,
  ...{ model: metricsSchema, recency: metricsSchema, decayedCount: metricsSchema },
  ...{ mbgNbd: metricsSchema, logisticRfm: metricsSchema },
});

const evaluationSchema = z.object({
  population: count,
  baseRate: figure,
  /** `all`, `repeaters`, `activeLast90Days`, `oneOrder`, and `sellers` where there are any. */
  cohorts: z.record(z.string(), cohortSchema),
  gate: z.object({ ...verdictSchema.shape, serves: z.enum(SCORER_KEYS) }),
  regret: z.object({ churned: count, cameBack: count, share: z.number() }).nullable(),
});

const networkSchema = z.object({
  shapes: z.array(z.object({ name: z.string(), shape: z.array(count).readonly() })).readonly(),
  standardiser: z.object({ mean: numbers, scale: numbers }),
  backend: z.enum(['wasm', 'tfjs-node', 'cpu']),
  library: z.string(),
  settings: z.object({
    learningRate: z.number(),
    l2: z.number(),
    batchRows: count,
    maxEpochs: count,
    patience: count,
  }),
  /** Of training, of the weights that are kept. */
  epochs: count,
  stopped: z.enum(['patience', 'epochs', 'aborted', 'diverged']),
});

const logisticSchema = z.object({ intercept: z.number(), coefficients: numbers });

const scalingSchema = z.object({ slope: z.number(), intercept: z.number() });

/**
 * What a churn model is, beside its weights (`weights.bin`): all that it takes to serve it, to judge it and to train
 * it again. Inputs, standardiser and baseline are in the order of the network's columns.
 */
export const churnManifestSchema = z.object({
  purpose: z.string(),
  /** Training was stopped by hand: this is the best of what was complete. */
  interrupted: z.boolean(),
  inputs: texts,
  inputsHash: z.string(),
  /** Inputs that in the history learnt from were made of orders alone; models from before this was written down have none. */
  ofOrders: texts.default([]),
  /** Null where the history was too short for one; a baseline serves. */
  network: networkSchema.nullable(),
  /** Why there is none. */
  withoutNetwork: z.string().nullable(),
  /** On the network's logit; null: the raw score was no worse. `oneOrder`: for who ordered once the closed form's input. */
  calibration: perHorizon(
    z.object({ ...scalingSchema.shape, oneOrder: scalingSchema.optional() }).nullable(),
  ),
  /** MBG/NBD; times in days. */
  closedForm: z.object({
    ...{ r: z.number().positive(), alpha: z.number().positive() },
    ...{ a: z.number().positive(), b: z.number().positive() },
  }),
  /** The best baseline that can serve; null: the closed form. Undefined in models from before it was kept. */
  plain: z
    .object({ key: z.enum(PLAIN_KEYS), fits: perHorizon(logisticSchema) })
    .nullable()
    .optional(),
  /** The median person of those active in the 90 days before the latest snapshot that was learnt from. */
  baseline: numbers,
  data: z.object({
    /** Format and name of the input. */
    source: z.string(),
    /** First and last arrival; what lies after `asOf` was for judging only. */
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    /** With an order up to the cut-off. */
    people: count,
    /** Learnt from: people at snapshots. */
    rows: count,
    currency: z.string(),
  }),
  seed: count,
  /** On the cut-off, which nothing was fitted to. */
  evaluation: perHorizon(evaluationSchema),
  /** Of the longer horizon, which the score rests on; reasons tell of the shorter one where it was refused. */
  gate: verdictSchema,
  /** If it passed, the network; else the best baseline, when that is promoted. */
  serves: z.enum(SERVED_BY),
});

export type ChurnManifest = z.infer<typeof churnManifestSchema>;
export type ChurnEvaluationRecord = z.infer<typeof evaluationSchema>;
