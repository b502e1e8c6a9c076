import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ClickhouseServerOptions } from '../adapters/clickhouse/open-clickhouse-server.ts';
import type { KafkaConnection, KafkaLog } from '../adapters/kafka/connect-kafka.ts';
import type { RedisSettings } from '../adapters/redis/redis-connection.ts';
import { listOf, type Config } from '../config.ts';
import { TidemarkError } from '../errors.ts';
import type { World } from './world.ts';

const REDIS_TIMEOUT_MS = 5000;

/** How the settings say Kafka is reached. Throws `CONFIG_INVALID` for files that cannot be read and for half a login. */
export function kafkaConnectionOf(config: Config): KafkaConnection {
  const { kafkaTls, kafkaSasl: mechanism, kafkaUsername: username, kafkaPassword: password } = config;
  return {
    brokers: listOf(config.kafkaBrokers),
    clientId: 'tidemark',
    ...(kafkaTls
      ? { tls: pemOf({ ca: config.kafkaCaFile, cert: config.kafkaCertFile, key: config.kafkaKeyFile }) }
      : {}),
    ...(mechanism === 'none'
      ? {}
      : mechanism === 'oauthbearer'
        ? { sasl: { mechanism, token: tokenIn(config.kafkaTokenFile) } }
        : { sasl: { mechanism, username, password } }),
  };
}

export function redisSettingsOf(world: World): RedisSettings {
  const { config, log } = world;
  return {
    addresses: listOf(config.redisAddresses),
    isCluster: config.redisCluster,
    username: config.redisUsername,
    password: config.redisPassword,
    ...(config.redisTls ? { tls: pemOf({ ca: config.redisCaFile }) } : {}),
    timeoutMs: REDIS_TIMEOUT_MS,
    onConnectionEvent: (event, detail) =>
      event === 'lost' ? log.warn({ detail }, 'connection to redis lost') : log.info('connected to redis'),
  };
}

export function clickhouseOptionsOf(config: Config): ClickhouseServerOptions {
  return {
    url: config.clickhouseUrl,
    user: config.clickhouseUser,
    password: config.clickhousePassword,
    database: config.clickhouseDatabase,
  };
}

/** The client's own messages among ours. */
export function kafkaLogOf({ log }: World): KafkaLog {
  return (level, message, details) => log[level](details, message);
}

type Pem = 'ca' | 'cert' | 'key';

function pemOf(files: Readonly<Partial<Record<Pem, string | undefined>>>): Partial<Record<Pem, string>> {
  const texts: Partial<Record<Pem, string>> = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = files[name];
    if (path !== undefined) texts[name] = readSecret(path);
  }
  return texts;
}

function tokenIn(path: string | undefined): () => Promise<string> {
  if (path === undefined) {
    const mend = 'name the file that holds the token';
    throw new TidemarkError(
      'CONFIG_INVALID',
      'kafkaSasl is oauthbearer, and kafkaTokenFile is missing',
      mend,
    );
  }
  readSecret(path);
  return async () => (await readFile(path, 'utf8')).trim();
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TidemarkError('CONFIG_INVALID', `cannot read ${path}`, 'check the path and its rights', cause);
  }
}
