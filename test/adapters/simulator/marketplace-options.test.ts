import { describe, expect, it } from 'vitest';
import {
  completeOptions,
  streamNameOf,
  type MarketplaceOptions,
} from '../../../src/adapters/simulator/marketplace-options.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { STARTS_AT } from './a-marketplace.ts';

const OPTIONS = { people: 10, days: 5, seed: 1, startAt: STARTS_AT };

describe('completeOptions', () => {
  it.each<[Partial<MarketplaceOptions>, string]>([
    [{ people: 0 }, 'people is 0'],
    [{ people: 2.5 }, 'people is 2.5'],
    [{ days: NaN }, 'days is NaN'],
    [{ lateRate: 0.9 }, 'lateRate is 0.9'],
    [{ duplicateRate: -0.1 }, 'duplicateRate is -0.1'],
    [{ intensity: 0 }, 'intensity is 0'],
  ])('refuses %j, naming the option and its value', (wrong, words) => {
    const attempt = (): unknown => completeOptions({ ...OPTIONS, ...wrong });
    expect(attempt).toThrow(TidemarkError);
    expect(attempt).toThrow(words);
  });
});

describe('streamNameOf', () => {
  it('is the same for a default left out and a default written down', () => {
    expect(streamNameOf(OPTIONS)).toBe(streamNameOf({ ...OPTIONS, intensity: 1 }));
  });

  it.each<Partial<MarketplaceOptions>>([
    { people: 11 },
    { days: 6 },
    { seed: 2 },
    { lateRate: 0 },
    { duplicateRate: 0 },
    { futureRate: 0 },
    { intensity: 2 },
  ])('differs when %j does', (change) => {
    expect(streamNameOf({ ...OPTIONS, ...change })).not.toBe(streamNameOf(OPTIONS));
  });
});
