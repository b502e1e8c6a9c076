/**
 * Codes of ClickHouse that say that the server cannot at present, whatever it was given: busy, full, in a hurry, or
 * without the company it needs. Every other code is about what it was given, or who gave it.
 */
const PASSING_CODES = new Set([
  '3', // UNEXPECTED_END_OF_FILE: the body broke off
  '74', // CANNOT_READ_FROM_FILE_DESCRIPTOR
  '75', // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  '76', // CANNOT_OPEN_FILE
  '159', // TIMEOUT_EXCEEDED
  '198', // DNS_ERROR
  '201', // QUOTA_EXCEEDED
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '225', // NO_ZOOKEEPER
  '236', // ABORTED: the server is shutting down
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY: the replica has lost its keeper
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '279', // ALL_CONNECTION_TRIES_FAILED
  '285', // TOO_FEW_LIVE_REPLICAS
  '286', // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  '289', // REPLICA_IS_NOT_IN_QUORUM
  '319', // UNKNOWN_STATUS_OF_INSERT
  '394', // QUERY_WAS_CANCELLED
  '425', // SYSTEM_ERROR
  '439', // CANNOT_SCHEDULE_TASK
  '473', // DEADLOCK_AVOIDED
  '499', // S3_ERROR
  '745', // SERVER_OVERLOADED
  '999', // KEEPER_EXCEPTION
]);

/** ClickHouse's own code, `'60'`; undefined when the error is not an answer of ClickHouse. */
export function clickhouseCodeOf(cause: unknown): string | undefined {
  // By shape: the client carries two copies of the error's class.
  const code = codeOf(cause);
  return code !== undefined && /^\d+$/.test(code) ? code : undefined;
}

/** The code of an error of Node's (`ECONNREFUSED`) or of ClickHouse. */
export function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

/**
 * Whether the same call can succeed later without anybody changing what is sent: nothing or nobody but ClickHouse
 * answered, or it said that it cannot at present.
 */
export function isOutage(cause: unknown): boolean {
  if (!(cause instanceof Error) || isMistake(cause)) return false;
  const code = clickhouseCodeOf(cause);
  return code === undefined || PASSING_CODES.has(code);
}

/** A bug of ours would be tried again for ever. */
function isMistake(cause: Error): boolean {
  return cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError;
}
