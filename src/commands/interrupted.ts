import { TidemarkError } from '../errors.ts';

/**
 * What a command throws when `world.signal` stopped it. `done` says how far it came, as a clause
 * ("after 1,200 of 5,000 events"); the mend may be replaced where a plain rerun is not what completes the work.
 */
export function interrupted(
  done: string,
  mend = 'run the same command again: it completes the work',
): TidemarkError {
  return new TidemarkError('INTERRUPTED', `stopped ${done}`, mend);
}
