import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

/**
 * An open ClickHouse, embedded or on a server; nothing past this point knows which. Two clients, because a
 * session that cannot write is the only sure way to run other people's SQL.
 */
export interface ClickhouseHandle {
  /** Writes and creates. */
  readonly client: ClickHouseClient;
  /** Runs under {@link READING_SETTINGS}: refuses everything that changes something. */
  readonly reading: ClickHouseClient;
  /** For messages: the folder or the address. */
  readonly place: string;
  /** What insert tokens begin with; differs from before where stored rows were lost and have to be written again. */
  readonly tokenScope: string;
  /** Rejects with `DATABASE_WRITE` when something inserted before the call may not be stored after all. */
  confirmStored(): Promise<void>;
  /** Waits for what the engine is at (await your own calls first) and lets go of the folder or the connections. Idempotent. */
  close(): Promise<void>;
}

/**
 * Numbers come as JSON numbers whatever their type (a reader that makes doubles of them loses digits of integers past
 * 2^53), instants as ISO 8601 in UTC, so that no reader has to guess a time zone. `readonly` 1 is the strict
 * kind: no writes, no files or addresses of the host, no change of settings.
 */
export const READING_SETTINGS = {
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 0,
  output_format_json_quote_denormals: 0,
  output_format_json_escape_forward_slashes: 0,
  output_format_decimal_trailing_zeros: 0,
  readonly: '1',
} satisfies ClickHouseSettings;
