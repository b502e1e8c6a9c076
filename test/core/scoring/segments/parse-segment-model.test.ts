import { describe, expect, it } from 'vitest';
import { parseSegmentModel } from '../../../../src/core/scoring/segments/parse-segment-model.ts';
import { segmentModel } from './a-segment-model.ts';
import { threeKinds } from './some-people.ts';

const model = segmentModel(threeKinds(20, 1));
const with_ = (change: object): unknown => ({ ...model, ...change });

describe('a segment model read back', () => {
  it('is the model', () => {
    expect(parseSegmentModel(model)).toEqual({ ok: true, value: model });
  });

  it.each([
    [null, 'not an object'],
    [[], 'not an object'],
    [with_({ version: ' ' }), 'version: not a text'],
    [with_({ naming: 'toString' }), 'naming: not one of value_segment, style'],
    [with_({ switchRatio: 0.5 }), 'switchRatio: not a number of at least 1'],
    [with_({ inputs: [] }), 'inputs: not a list with an entry'],
    [
      with_({ inputs: [model.inputs[0], model.inputs[0], model.inputs[2]] }),
      'inputs[1].feature: the second of its name',
    ],
    [
      with_({ inputs: [{ ...model.inputs[0], missing: 'zero' }, ...model.inputs.slice(1)] }),
      'inputs[0].missing',
    ],
    [
      with_({ inputs: [{ ...model.inputs[0], leastDeviation: 0 }, ...model.inputs.slice(1)] }),
      'inputs[0].leastDeviation: not a number above 0',
    ],
    [with_({ inputs: [{ ...model.inputs[0], role: 'taste' }, ...model.inputs.slice(1)] }), 'inputs[0].role'],
    [
      with_({ scaler: { ...model.scaler, deviations: [1, 1, 0] } }),
      'scaler.deviations: not 3 finite numbers above 0',
    ],
    [with_({ scaler: { ...model.scaler, means: [1, null, 0] } }), 'scaler.means: not 3 finite numbers'],
    [with_({ centroids: [[1, 2], ...model.centroids.slice(1)] }), 'centroids[0]: not 3 finite numbers'],
    [with_({ names: ['dormant'] }), 'names: not 3 of high_value, potential, dormant, ordinary'],
    [with_({ names: ['dormant', 'dormant', 'collector'] }), 'names: not 3 of'],
    [with_({ metrics: { ...model.metrics, shares: [1] } }), 'metrics.shares: not 3 finite numbers'],
    [with_({ metrics: { ...model.metrics, choice: undefined } }), 'metrics.choice: not an object'],
    [
      with_({ metrics: { ...model.metrics, choice: { ...model.metrics.choice, trials: [{}] } } }),
      'metrics.choice.trials: not a list of isStable, clusters',
    ],
  ])('is refused with the place: case %#', (value, complaint) => {
    const parsed = parseSegmentModel(value);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.error).toEqual([expect.stringContaining(complaint)]);
  });

  it('is refused with everything that is wrong', () => {
    const parsed = parseSegmentModel({ inputs: model.inputs });
    expect(parsed.ok ? [] : parsed.error.map((one) => one.split(':')[0])).toEqual([
      'version',
      'naming',
      'switchRatio',
      'scaler',
      'centroids',
      'metrics',
    ]);
  });
});
