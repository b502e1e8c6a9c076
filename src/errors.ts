/** Every error code, once. `exit` is the process's exit code: 1 failed, 2 wrong usage, 130 interrupted. */
export const ERROR_CODES = {
  USAGE: { exit: 2, summary: 'the command line is wrong' },
  CONFIG_INVALID: { exit: 2, summary: 'a setting of the environment or of tidemark.yaml is wrong' },
  INPUT_NOT_FOUND: { exit: 2, summary: 'the input path does not exist or cannot be read' },
  INPUT_EMPTY: { exit: 1, summary: 'the input holds no data rows' },
  INPUT_FORMAT: { exit: 1, summary: 'the input is not in the format that was named' },
  TEMP_FOLDER: { exit: 1, summary: 'the temporary folder cannot be written' },
  POLICY_INVALID: { exit: 2, summary: 'the policy file breaks its schema or names something unknown' },
  OUTPUT_WRITE: { exit: 1, summary: 'an output file cannot be written' },
  DATABASE_UNAVAILABLE: { exit: 1, summary: 'ClickHouse is missing, not reached or cannot open the folder' },
  DATABASE_WRITE: { exit: 1, summary: 'ClickHouse or the file system refused a write' },
  DATABASE_OTHER_ORIGIN: { exit: 2, summary: 'the folder was built with another policy, catalogue or input' },
  SCHEMA_CONFLICT: { exit: 1, summary: 'the tables were made by other migrations than these' },
  QUERY_FAILED: { exit: 1, summary: 'ClickHouse refused the SQL' },
  PERSON_UNKNOWN: { exit: 1, summary: 'nobody of that id is in the folder' },
  STATE_CORRUPT: { exit: 1, summary: 'a stored record cannot be decoded' },
  REDIS_UNAVAILABLE: { exit: 1, summary: 'Redis does not answer, or has no room' },
  REDIS_REFUSED: { exit: 2, summary: 'Redis refuses the user, the password or a command' },
  REDIS_EVICTS: { exit: 2, summary: 'Redis may throw data away when it is full' },
  PARTITIONS_CHANGED: { exit: 2, summary: 'the state was kept for another number of partitions' },
  COMMIT_FENCED: { exit: 1, summary: 'another owner took the partition' },
  KAFKA_UNAVAILABLE: { exit: 1, summary: 'Kafka does not answer' },
  KAFKA_REFUSED: { exit: 2, summary: 'Kafka refuses the user, the certificate, a right or a setting' },
  KAFKA_TOPICS: { exit: 2, summary: 'topics are missing, or differ in their partitions' },
  KAFKA_OFFSET_LOST: { exit: 1, summary: 'Kafka no longer has the records that are next to be read' },
  HTTP_BIND: { exit: 1, summary: 'the address for health and metrics cannot be served' },
  MODEL_BACKEND: { exit: 1, summary: 'a TensorFlow backend is not installed or does not work here' },
  MODEL_INVALID: { exit: 2, summary: 'a stored model is damaged or of another version' },
  MODEL_REFUSED: { exit: 1, summary: 'a model did not pass its gate, and was not forced' },
  DRIFT_INCOMPARABLE: { exit: 2, summary: 'the people and the drift reference cannot be compared' },
  DRIFT_FOUND: { exit: 1, summary: 'something drifted, and `--fail-on-drift` was given' },
  DOCTOR_PROBLEMS: { exit: 1, summary: 'the doctor found what keeps `run` from working' },
  INTERRUPTED: { exit: 130, summary: 'stopped on request before the work was complete' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An outage or a wrong input that ends the command. The message says what and where; `mend` says what to do
 * about it, in the imperative. Bugs are ordinary exceptions, and expected failures are values (core/result.ts).
 */
export class TidemarkError extends Error {
  readonly code: ErrorCode;
  readonly mend: string;

  constructor(code: ErrorCode, message: string, mend: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TidemarkError';
    this.code = code;
    this.mend = mend;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}
