import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { registerCodecs } from './compression.ts';

/** How to reach a cluster. Certificates and keys are PEM texts, already read. */
export interface KafkaConnection {
  /** `host:port` of some of the brokers; the others are learnt from these. */
  readonly brokers: readonly string[];
  /** What the brokers' logs and quotas know us by. */
  readonly clientId: string;
  /** Absent: no TLS. Empty: TLS with the authorities that Node trusts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: KafkaCredentials;
}

export type KafkaCredentials =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** `token` is asked at every login and gives one that is still good. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** Where the client's own messages go. What it calls an error the next attempt mends, or somebody is told of it otherwise. */
export type KafkaLog = (
  level: 'debug' | 'info' | 'warn',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Pauses between attempts grow to this. */
const RETRY_PAUSE_MS = 500;
/** For callers that have a patience of their own. */
const SHORT_PATIENCE_MS = 2_000;

/**
 * A client that has not connected yet; nothing of it goes to the console. Reads and writes all codecs of Kafka.
 * `patienceMs`: about how long it tries to reach a broker before it fails.
 */
export function connectKafka(
  connection: KafkaConnection,
  log: KafkaLog,
  patienceMs: number = SHORT_PATIENCE_MS,
): Kafka {
  registerCodecs();
  const { brokers, clientId, tls, sasl } = connection;
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: {
      initialRetryTime: 100,
      maxRetryTime: RETRY_PAUSE_MS,
      retries: Math.ceil(patienceMs / RETRY_PAUSE_MS),
    },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => pass(entry, log),
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: credentials(sasl) }),
  };
  return new Kafka(config);
}

function credentials(sasl: KafkaCredentials): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl };
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
}

function pass(
  { namespace, level, log: { message, logger, timestamp, stack, ...details } }: LogEntry,
  log: KafkaLog,
): void {
  const ours = level === logLevel.ERROR ? 'info' : 'debug';
  log(ours, `${logger} ${namespace}: ${message}`, details);
}
