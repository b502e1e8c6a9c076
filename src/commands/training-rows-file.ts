import { encodeTrainingRows, type TrainingRowBatch } from '../adapters/arrow/encode-training-rows.ts';
import { CHURN_INPUTS } from '../core/scoring/churn/churn-inputs.ts';
import { NEVER } from '../core/time.ts';
import { HORIZON_DAYS } from '../ports/churn-network.ts';
import { SNAPSHOTS, type ChurnHistory } from '../runtime/training/churn-history.ts';
import { writeFileWhole } from './write-chunks.ts';

const ROWS_PER_BATCH = 8_192;

/**
 * Writes what a model of this cut-off learns from, oldest snapshot first, as an Arrow file. Rows are written once the
 * cut-off is read, for that is when their labels and the closed form are known. Throws `OUTPUT_WRITE`.
 */
export function writeTrainingRows(path: string, history: ChurnHistory): Promise<void> {
  const names = CHURN_INPUTS.map(({ name }) => name);
  return writeFileWhole(path, encodeTrainingRows(names, batchesOf(history)));
}

function* batchesOf(history: ChurnHistory): Generator<TrainingRowBatch> {
  for (let age = SNAPSHOTS; age > 0; age--) {
    const labelled = history
      .rowsAt(age)
      .filter((row) => HORIZON_DAYS.some((horizon) => !Number.isNaN(history.label(row, horizon))));
    for (let from = 0; from < labelled.length; from += ROWS_PER_BATCH)
      yield batchOf(history, labelled.slice(from, from + ROWS_PER_BATCH));
  }
}

function batchOf(history: ChurnHistory, rows: readonly number[]): TrainingRowBatch {
  const { personIds, instants } = history.rows;
  return {
    personIds: rows.map((row) => personIds[row] ?? ''),
    instants: rows.map((row) => instants[row] ?? NEVER),
    inputs: history.rows.inputsOf(rows),
    labels: HORIZON_DAYS.map((horizon) =>
      rows.map((row) => {
        const label = history.label(row, horizon);
        return Number.isNaN(label) ? null : label === 1 ? 1 : 0;
      }),
    ),
  };
}
