import type { Command } from 'commander';
import type { MarketplaceOptions } from '../adapters/simulator/marketplace-options.ts';
import { instant } from '../core/time.ts';
import { wholeNumber } from './terminal/option-values.ts';

export interface MarketplaceFlags {
  readonly people: number;
  readonly days: number;
  readonly seed: number;
}

const START_AT = instant(Date.UTC(2025, 0, 1));

/** `--people --days --seed`, the same for every command that simulates. */
export function addMarketplaceOptions(
  command: Command,
  defaults: { readonly people: number; readonly days: number },
): Command {
  return command
    .option('--people <n>', 'accounts in the marketplace', wholeNumber(1, 9_999_999), defaults.people)
    .option('--days <n>', 'days that are simulated', wholeNumber(1, 36_500), defaults.days)
    .option('--seed <n>', 'equal seeds give equal events', wholeNumber(0), 1);
}

/** The marketplace these flags mean; it opens on 2025-01-01, so that equal flags mean equal events for ever. */
export function marketplaceOf({ people, days, seed }: MarketplaceFlags): MarketplaceOptions {
  return { people, days, seed, startAt: START_AT };
}
