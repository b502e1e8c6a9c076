import type { Admin } from 'kafkajs';
import { connectKafka, type KafkaConnection, type KafkaLog } from './connect-kafka.ts';
import { describeKafkaFailure } from './kafka-failures.ts';

export interface AdminSettings {
  readonly connection: KafkaConnection;
  readonly log: KafkaLog;
  /** About how long it tries to reach a broker before it fails. */
  readonly patienceMs?: number | undefined;
  /** Once aborted, connections are closed and what is under way fails. */
  readonly signal?: AbortSignal | undefined;
}

/** Lends a connected administrator for as long as `use` takes. `what` is for messages. Rejects with `TidemarkError`. */
export async function withAdmin<T>(
  { connection, log, patienceMs, signal }: AdminSettings,
  what: string,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = connectKafka(connection, log, patienceMs).admin();
  const leave = (): void => void admin.disconnect().catch(() => undefined);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    await admin.connect();
    return await use(admin);
  } catch (error) {
    throw describeKafkaFailure(firstOf(error), what, connection.brokers);
  } finally {
    signal?.removeEventListener('abort', leave);
    await admin.disconnect().catch(() => undefined);
  }
}

/** Of answers about several topics at once, the first that failed says enough. */
function firstOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return error;
  const [first] = error.errors as readonly unknown[];
  return first ?? error;
}
