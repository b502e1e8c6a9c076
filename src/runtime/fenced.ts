import { TidemarkError } from '../errors.ts';

/** The store no longer takes anything from this owner. */
export function fenced(): TidemarkError {
  return new TidemarkError(
    'COMMIT_FENCED',
    'another process took this state over, or it is an older copy',
    'stop the other process, or let it go on',
  );
}
