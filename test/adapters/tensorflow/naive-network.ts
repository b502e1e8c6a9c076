import type { StoredNetwork } from '../../../src/ports/churn-network.ts';

/** A stored network read by its documentation and computed in doubles, a row at a time: what the fast ones must agree with. */
export interface NaiveNetwork {
  /** The two logits of a row. */
  logits(row: ArrayLike<number>): readonly [number, number];
  /** ∂ 90-day logit / ∂ input, in the inputs' own units. */
  gradient(row: ArrayLike<number>): readonly number[];
}

export function naiveNetwork({ weights, shapes, standardiser }: StoredNetwork): NaiveNetwork {
  const view = new DataView(weights.buffer, weights.byteOffset, weights.byteLength);
  let at = 0;
  const tensors = new Map(
    shapes.map(({ name, shape }) => {
      const values = Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
        at += 4;
        return view.getFloat32(at - 4, true);
      });
      return [name, { values, columns: shape.at(-1) ?? 0 }];
    }),
  );
  const tensor = (name: string) => tensors.get(name) ?? { values: [], columns: 0 };
  const times = (row: readonly number[], kernel: string): number[] => {
    const { values, columns } = tensor(kernel);
    return Array.from({ length: columns }, (_, column) =>
      row.reduce((sum, value, index) => sum + value * (values[index * columns + column] ?? NaN), 0),
    );
  };
  /** kernel · column */
  const back = (column: readonly number[], kernel: string): number[] => {
    const { values, columns } = tensor(kernel);
    return Array.from({ length: values.length / columns }, (_, row) =>
      column.reduce((sum, value, index) => sum + value * (values[row * columns + index] ?? NaN), 0),
    );
  };
  const plus = (row: readonly number[], bias: string): number[] =>
    row.map((value, index) => value + (tensor(bias).values[index] ?? NaN));
  const relu = (row: readonly number[]): number[] => row.map((value) => Math.max(0, value));
  const gate = (values: readonly number[], open: readonly number[]): number[] =>
    values.map((value, index) => ((open[index] ?? 0) > 0 ? value : 0));

  const layers = (row: ArrayLike<number>) => {
    const z = Array.from(
      row,
      (value, input) => (value - (standardiser.mean[input] ?? NaN)) / (standardiser.scale[input] ?? NaN),
    );
    const a = relu(plus(times(z, 'firstKernel'), 'firstBias'));
    const b = relu(plus(times(a, 'secondKernel'), 'secondBias'));
    return { z, a, b };
  };
  return {
    logits(row) {
      const { z, b } = layers(row);
      const skip = times(z, 'skipKernel');
      const [short = NaN, long = NaN] = plus(
        times(b, 'headKernel').map((value, head) => value + (skip[head] ?? NaN)),
        'headBias',
      );
      return [short, long];
    },
    gradient(row) {
      const { a, b } = layers(row);
      const head = back([0, 1], 'headKernel');
      const hidden = back(gate(back(gate(head, b), 'secondKernel'), a), 'firstKernel');
      const skip = back([0, 1], 'skipKernel');
      return hidden.map(
        (value, input) => (value + (skip[input] ?? NaN)) / (standardiser.scale[input] ?? NaN),
      );
    },
  };
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** ∫₀¹ gradient(baseline + t · (row − baseline)) dt · (row − baseline), input by input, in many small steps. */
export function naiveAttribution(
  network: NaiveNetwork,
  row: ArrayLike<number>,
  baseline: ArrayLike<number>,
  steps: number,
): readonly number[] {
  const sums = Array.from(row, () => 0);
  for (let step = 0; step < steps; step++) {
    const t = (step + 0.5) / steps;
    const point = Array.from(
      row,
      (value, input) => (baseline[input] ?? NaN) + t * (value - (baseline[input] ?? NaN)),
    );
    network.gradient(point).forEach((slope, input) => {
      sums[input] = (sums[input] ?? NaN) + slope / steps;
    });
  }
  return sums.map((mean, input) => mean * ((row[input] ?? NaN) - (baseline[input] ?? NaN)));
}
