import { TidemarkError } from '../../errors.ts';
import { clickhouseCodeOf, codeOf, isOutage } from './failure-kind.ts';

/** Error codes of ClickHouse that have a mend of their own. */
const UNKNOWN_IDENTIFIER = '47';
const UNKNOWN_TABLE = '60';
const SYNTAX_ERROR = '62';
const READONLY = '164';
const MEMORY_LIMIT = '241';
const NOT_ENOUGH_SPACE = '243';
const ACCESS_DENIED = '497';
const AUTHENTICATION_FAILED = '516';

/** A refused or failed insert as `DATABASE_WRITE`: what was stored, where, why, and what to do. */
export function describeWriteFailure(cause: unknown, table: string, place: string): TidemarkError {
  const message = messageOf(cause);
  const full =
    clickhouseCodeOf(cause) === NOT_ENOUGH_SPACE ||
    /No space left on device|Disk quota exceeded/.test(message);
  return new TidemarkError(
    'DATABASE_WRITE',
    full
      ? `the disk of ${place} is full: ${table} cannot be written`
      : `${table} in ${place} was not written: ${message}`,
    full
      ? 'Free some space on that disk and run the same command again: what is stored stays, and nothing counts twice.'
      : (WRITE_MENDS[clickhouseCodeOf(cause) ?? ''] ??
          'Run the same command again when the cause is gone: what is stored stays, and nothing counts twice.'),
    cause,
  );
}

const WRITE_MENDS: Readonly<Record<string, string>> = {
  [UNKNOWN_TABLE]: 'Run `tidemark migrate`, and then the same command again: nothing counts twice.',
  [ACCESS_DENIED]: 'Grant the user what is missing, and run the same command again: nothing counts twice.',
  [AUTHENTICATION_FAILED]: 'Check user and password, and run the same command again: nothing counts twice.',
};

/**
 * Whether a write failed for want of ClickHouse and not for what was written: the same rows under the same token
 * can be stored later. `failure` is what {@link describeWriteFailure} made.
 */
export function isWriteOutage(failure: unknown): failure is TidemarkError {
  return failure instanceof TidemarkError && failure.code === 'DATABASE_WRITE' && isOutage(failure.cause);
}

/** A query that did not run: `QUERY_FAILED` when ClickHouse refused it, `DATABASE_UNAVAILABLE` when it was not reached. */
export function describeQueryFailure(cause: unknown, place: string): TidemarkError {
  const code = clickhouseCodeOf(cause);
  if (code === undefined) {
    return new TidemarkError(
      'DATABASE_UNAVAILABLE',
      `ClickHouse at ${place} did not answer: ${messageOf(cause)}`,
      'Check that it is running and reachable, and try again.',
      cause,
    );
  }
  return new TidemarkError('QUERY_FAILED', messageOf(cause), QUERY_MENDS[code] ?? DEFAULT_MEND, cause);
}

const DEFAULT_MEND = 'Correct the SQL; `SHOW TABLES` and `DESCRIBE current_tags` say what there is.';

const QUERY_MENDS: Readonly<Record<string, string>> = {
  [UNKNOWN_IDENTIFIER]:
    'Check the name of the column: `DESCRIBE tag_transitions` lists the columns of a table.',
  [UNKNOWN_TABLE]: 'Check the name of the table: `SHOW TABLES` lists them.',
  [SYNTAX_ERROR]: 'Correct the SQL near the place named; leave FORMAT out, the output is formatted for you.',
  [READONLY]:
    'Only reading is allowed here: no writes, no settings, no files or addresses outside the database.',
  [MEMORY_LIMIT]: 'Ask for less at once: fewer columns, a shorter period (effective_at), or a LIMIT.',
};

function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message.trim() : String(cause);
  // Of several addresses tried, Node says nothing but the code.
  return message === '' ? (codeOf(cause) ?? 'no answer') : message;
}
