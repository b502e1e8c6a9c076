import { MBG_COLUMN, hasOrderedOnce } from './churn-inputs.ts';
import { plattProbability, type PlattScaling } from './platt-scaling.ts';

/** What makes the served probability of a network's answer: Platt scaling of its logit. */
export interface ChurnCalibration extends PlattScaling {
  /** Given, it answers for who ordered once: Platt scaling of the closed form's input, without the network. */
  readonly oneOrder?: PlattScaling | undefined;
}

/**
 * Probability of churning, of what a network answered and of the inputs that it was asked with, which begin at `offset`.
 * Without a calibration the answer itself.
 */
export function calibrated(
  answer: number,
  calibration: ChurnCalibration | null,
  inputs: ArrayLike<number>,
  offset: number,
): number {
  if (calibration === null) return answer;
  return isByClosedForm(calibration, inputs, offset)
    ? plattProbability(calibration.oneOrder, inputs[offset + MBG_COLUMN] ?? NaN)
    : plattProbability(calibration, logitOf(answer));
}

/** Whether the network's answer is left aside for the person whose inputs begin at `offset`. */
export function isByClosedForm(
  calibration: ChurnCalibration | null,
  inputs: ArrayLike<number>,
  offset: number,
): calibration is ChurnCalibration & { readonly oneOrder: PlattScaling } {
  return calibration?.oneOrder !== undefined && hasOrderedOnce(inputs, offset);
}

/** ln(p / (1 − p)) of probabilities as floats hold them: 0 and 1 are taken as the nearest that are neither. */
export function logitOf(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p) - Math.log1p(-p);
}
