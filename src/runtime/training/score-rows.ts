import { calibrated, type ChurnCalibration } from '../../core/scoring/churn/churn-calibration.ts';
import { HORIZON_DAYS, type ChurnNetwork } from '../../ports/churn-network.ts';
import type { ChurnHistory, Horizon } from './churn-history.ts';

/** What a model says of rows: probability of churning within the horizon. */
export function scoreRows(
  { rows: seen }: Pick<ChurnHistory, 'rows'>,
  rows: readonly number[],
  horizon: Horizon,
  network: ChurnNetwork,
  calibration: ChurnCalibration | null,
): Float64Array {
  const inputs = seen.inputsOf(rows);
  const raw = network.predict(inputs, rows.length);
  const column = HORIZON_DAYS.indexOf(horizon);
  return Float64Array.from(rows, (_, i) =>
    calibrated(raw[i * HORIZON_DAYS.length + column] ?? NaN, calibration, inputs, i * seen.width),
  );
}
