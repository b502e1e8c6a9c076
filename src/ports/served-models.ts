import type { ChurnCalibration } from '../core/scoring/churn/churn-calibration.ts';
import type { MbgNbdParameters } from '../core/scoring/churn/mbg-nbd.ts';
import { PLAIN_KEYS, type PlainScorer } from '../core/scoring/churn/plain-scorer.ts';
import type { SegmentModel } from '../core/scoring/segments/segment-model.ts';
import type { StoredNetwork } from './churn-network.ts';

/** Who answers for churn. The closed form is MBG/NBD. */
export const SERVED_BY = ['network', 'closed_form', ...PLAIN_KEYS] as const;
export type ServedBy = (typeof SERVED_BY)[number];

/** A churn model as the pipeline needs it: read from a registry, checked against the running catalogue. */
export interface ServedChurnModel {
  readonly version: string;
  /** The network where it earned its place or was forced; else the best baseline of its history. */
  readonly serves: ServedBy;
  /** Undefined where a baseline serves. */
  readonly network: StoredNetwork | undefined;
  /** Serves where there is no network; undefined: the closed form does. */
  readonly plain: PlainScorer | undefined;
  /** By horizon in days; null: the raw score. */
  readonly calibration: Readonly<Record<30 | 90, ChurnCalibration | null>>;
  /** Times in days. */
  readonly closedForm: MbgNbdParameters;
  /** The median active person of the training rows, in the order of the churn inputs: what reasons compare with. */
  readonly baseline: Float32Array;
  /** Names of inputs that the history learnt from made of orders alone: reasons tell them as such. */
  readonly ofOrders: ReadonlySet<string>;
}

/** What is in force at present; a kind without a promoted model is undefined. */
export interface ServedModels {
  readonly churn: ServedChurnModel | undefined;
  /** Of the stored model that both kinds of segments are of. */
  readonly segmentsVersion: string | undefined;
  readonly valueSegments: SegmentModel | undefined;
  readonly styles: SegmentModel | undefined;
}
