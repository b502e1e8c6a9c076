import { describe, expect, it } from 'vitest';
import { featureNamed } from '../../../../src/core/features/catalogue.ts';
import {
  STYLE_INPUTS,
  VALUE_INPUTS,
  logInputs,
} from '../../../../src/core/scoring/segments/segment-inputs.ts';
import { RFM } from './some-people.ts';

describe('the proposed inputs', () => {
  it.each([
    { dimension: 'value_segment', inputs: VALUE_INPUTS },
    { dimension: 'style', inputs: STYLE_INPUTS },
  ])('of $dimension are features of the catalogue, each once', ({ inputs }) => {
    const names = inputs.map(({ feature }) => feature);
    expect(names.filter((name) => featureNamed(name) === undefined)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the logarithms of inputs', () => {
  it('are those of one more than the value', () => {
    expect(logInputs(RFM, [0, Math.E - 1, 99])).toEqual([0, 1, Math.log(100)]);
  });

  it('are not there for a person without a value that must be there', () => {
    expect(logInputs(RFM, [NaN, 0, 0])).toBeUndefined();
    expect(logInputs(RFM, [1, 2])).toBeUndefined();
  });

  it('leave the place of a value that may be missing open', () => {
    const inputs = RFM.map((input) => ({ ...input, missing: 'mean' as const }));
    expect(logInputs(inputs, [NaN, 0, 0])).toEqual([NaN, 0, 0]);
  });

  it('take a value below zero as zero', () => {
    expect(logInputs(RFM, [-5, 0, 0])).toEqual([0, 0, 0]);
  });
});
