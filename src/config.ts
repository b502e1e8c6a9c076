import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { TidemarkError } from './errors.ts';

interface Meaning {
  /** The environment variable that sets it; it outranks the file. */
  readonly env: string;
  /** One sentence, the same as in the README's table. */
  readonly description: string;
  /** Printed as `***` wherever the configuration is shown. */
  readonly secret?: true;
  /** Belongs to the machine or the shell, so `tidemark.yaml` cannot set it. */
  readonly environmentOnly?: true;
}

function setting<T extends z.ZodType>(schema: T, meaning: Meaning): T {
  return schema.meta({ ...meaning });
}

/** A comma between them; blanks around them do not count. */
function list(fallback: string) {
  return z
    .string()
    .default(fallback)
    .refine((text) => listOf(text).length > 0, 'name at least one');
}

/** The parts of a setting that is a list. */
export function listOf(setting: string): readonly string[] {
  return setting
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** As environments and YAML spell it. */
function onOff(fallback: boolean) {
  return z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .default(fallback)
    .transform((value) => value === true || value === 'true');
}

function wholeNumber(least: number, most: number, fallback: number) {
  return z.coerce.number().int().min(least).max(most).default(fallback);
}

export const SASL_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Every setting, once. Add one here and to the README's table; a test holds the two together. */
const settings = z.strictObject({
  logLevel: setting(z.enum(LOG_LEVELS).default('warn'), {
    env: 'TIDEMARK_LOG_LEVEL',
    description: 'least severe log line written to standard error',
  }),
  configFile: setting(z.string().optional(), {
    env: 'TIDEMARK_CONFIG',
    description: 'settings file; without it `tidemark.yaml` in the working folder, if there is one',
    environmentOnly: true,
  }),
  policyFile: setting(z.string().optional(), {
    env: 'TIDEMARK_POLICY',
    description: '`run`: the policy; the default pack without it',
  }),
  modelsFolder: setting(z.string().optional(), {
    env: 'TIDEMARK_MODELS',
    description: '`run`: registry of models; without it the closed form scores people',
  }),
  muteTriggers: setting(onOff(false), {
    env: 'TIDEMARK_MUTE_TRIGGERS',
    description:
      '`run`: decide triggers, but mark them as not to be acted upon, as when a past is caught up on',
  }),
  kafkaBrokers: setting(list('127.0.0.1:9092'), {
    env: 'TIDEMARK_KAFKA_BROKERS',
    description: 'some brokers, `host:port`, comma between them; the others are learnt from these',
  }),
  kafkaGroup: setting(z.string().min(1).default('tidemark'), {
    env: 'TIDEMARK_KAFKA_GROUP',
    description: 'consumer group of the workers; the sink is in another, with `-sink` behind it',
  }),
  kafkaTls: setting(onOff(false), {
    env: 'TIDEMARK_KAFKA_TLS',
    description: 'whether the brokers are spoken to over TLS',
  }),
  kafkaCaFile: setting(z.string().optional(), {
    env: 'TIDEMARK_KAFKA_CA_FILE',
    description: 'PEM of the authority that signed the brokers’ certificates, if Node does not know it',
  }),
  kafkaCertFile: setting(z.string().optional(), {
    env: 'TIDEMARK_KAFKA_CERT_FILE',
    description: 'PEM of our own certificate, where the brokers ask for one',
  }),
  kafkaKeyFile: setting(z.string().optional(), {
    env: 'TIDEMARK_KAFKA_KEY_FILE',
    description: 'PEM of its key',
  }),
  kafkaSasl: setting(z.enum(SASL_MECHANISMS).default('none'), {
    env: 'TIDEMARK_KAFKA_SASL',
    description: 'how to log in: `none`, `plain`, `scram-sha-256`, `scram-sha-512` or `oauthbearer`',
  }),
  kafkaUsername: setting(z.string().default(''), {
    env: 'TIDEMARK_KAFKA_USERNAME',
    description: 'who logs in to Kafka',
  }),
  kafkaPassword: setting(z.string().default(''), {
    env: 'TIDEMARK_KAFKA_PASSWORD',
    description: 'their password',
    secret: true,
  }),
  kafkaTokenFile: setting(z.string().optional(), {
    env: 'TIDEMARK_KAFKA_TOKEN_FILE',
    description: 'with `oauthbearer`: file that holds the token; read anew at every login',
  }),
  eventTopics: setting(list('events'), {
    env: 'TIDEMARK_EVENT_TOPICS',
    description: 'topics of Segment calls, comma between them; all have the same number of partitions',
  }),
  factsTopic: setting(z.string().min(1).default('tidemark.facts'), {
    env: 'TIDEMARK_FACTS_TOPIC',
    description: 'what partitions tell one another; as many partitions as the event topics',
  }),
  tagsTopic: setting(z.string().min(1).default('tidemark.tags'), {
    env: 'TIDEMARK_TAGS_TOPIC',
    description: 'every transition, as a CloudEvent keyed by person',
  }),
  triggersTopic: setting(z.string().min(1).default('tidemark.triggers'), {
    env: 'TIDEMARK_TRIGGERS_TOPIC',
    description: 'every trigger, as a CloudEvent keyed by person',
  }),
  deadLettersTopic: setting(z.string().min(1).default('tidemark.dead-letters'), {
    env: 'TIDEMARK_DEAD_LETTERS_TOPIC',
    description: 'records that could not be used, with reason and place',
  }),
  redisAddresses: setting(list('127.0.0.1:6379'), {
    env: 'TIDEMARK_REDIS',
    description: 'Redis, `host:port`; of a cluster some of its nodes, comma between them',
  }),
  redisCluster: setting(onOff(false), {
    env: 'TIDEMARK_REDIS_CLUSTER',
    description: 'whether Redis is a cluster',
  }),
  redisUsername: setting(z.string().optional(), {
    env: 'TIDEMARK_REDIS_USERNAME',
    description: 'who logs in to Redis, where it has users',
  }),
  redisPassword: setting(z.string().optional(), {
    env: 'TIDEMARK_REDIS_PASSWORD',
    description: 'the password of Redis',
    secret: true,
  }),
  redisTls: setting(onOff(false), {
    env: 'TIDEMARK_REDIS_TLS',
    description: 'whether Redis is spoken to over TLS',
  }),
  redisCaFile: setting(z.string().optional(), {
    env: 'TIDEMARK_REDIS_CA_FILE',
    description: 'PEM of the authority that signed Redis’s certificate, if Node does not know it',
  }),
  redisPrefix: setting(
    z
      .string()
      .regex(/^[\w.-]+$/)
      .default('tidemark'),
    {
      env: 'TIDEMARK_REDIS_PREFIX',
      description: 'begins every key; tells several installations on one Redis apart',
    },
  ),
  clickhouseUrl: setting(z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8123'), {
    env: 'TIDEMARK_CLICKHOUSE_URL',
    description: 'the ClickHouse server; TLS by the scheme',
  }),
  clickhouseUser: setting(z.string().default('default'), {
    env: 'TIDEMARK_CLICKHOUSE_USER',
    description: 'who logs in to ClickHouse',
  }),
  clickhousePassword: setting(z.string().default(''), {
    env: 'TIDEMARK_CLICKHOUSE_PASSWORD',
    description: 'their password',
    secret: true,
  }),
  clickhouseDatabase: setting(z.string().min(1).default('tidemark'), {
    env: 'TIDEMARK_CLICKHOUSE_DATABASE',
    description: 'the database that holds the tables; it must exist',
  }),
  clickhouseCluster: setting(z.string().min(1).optional(), {
    env: 'TIDEMARK_CLICKHOUSE_CLUSTER',
    description: '`migrate`: name of the cluster, of one shard, whose replicas all get the tables',
  }),
  retentionDays: setting(wholeNumber(0, 36_500, 0), {
    env: 'TIDEMARK_RETENTION_DAYS',
    description: '`migrate`: how long rows of tables that grow are kept; 0: for ever',
  }),
  sinkRows: setting(wholeNumber(1, 1_000_000, 10_000), {
    env: 'TIDEMARK_SINK_ROWS',
    description: '`run`: rows of an insert at most',
  }),
  sinkLingerMs: setting(wholeNumber(0, 600_000, 1000), {
    env: 'TIDEMARK_SINK_LINGER_MS',
    description: '`run`: how long a row may wait for others to be inserted with',
  }),
  httpHost: setting(z.string().min(1).default('127.0.0.1'), {
    env: 'TIDEMARK_HTTP_HOST',
    description: '`run`: address at which health and metrics are served; `0.0.0.0` for all',
  }),
  httpPort: setting(wholeNumber(0, 65_535, 9464), {
    env: 'TIDEMARK_HTTP_PORT',
    description: '`run`: port of health and metrics; 0: any that is free',
  }),
  turnRecords: setting(wholeNumber(1, 100_000, 5000), {
    env: 'TIDEMARK_TURN_RECORDS',
    description: '`run`: records that are committed together at most',
  }),
  lingerMs: setting(wholeNumber(0, 60_000, 60), {
    env: 'TIDEMARK_LINGER_MS',
    description: '`run`: how long a record may wait for others to be committed with',
  }),
  settleMs: setting(wholeNumber(0, 600_000, 500), {
    env: 'TIDEMARK_SETTLE_MS',
    description: '`run`: how much later time passes for the silent, so that what is under way arrives before',
  }),
  maxSkewMs: setting(wholeNumber(0, 31_536_000_000, 3_600_000), {
    env: 'TIDEMARK_MAX_SKEW_MS',
    description:
      '`run`: how far a partition may run ahead of the others when a past is caught up on; 0: one record after the other, for results that are those of one process',
  }),
  cachePeople: setting(wholeNumber(0, 10_000_000, 0), {
    env: 'TIDEMARK_CACHE_PEOPLE',
    description: '`run`: people kept in memory per partition, as their records; 0: nobody',
  }),
  noColor: setting(z.string().default(''), {
    env: 'NO_COLOR',
    description: 'any text but the empty one switches colours off',
    environmentOnly: true,
  }),
  terminal: setting(z.string().default(''), {
    env: 'TERM',
    description: '`dumb` is treated like no terminal: plain lines, no colours',
    environmentOnly: true,
  }),
  columns: setting(z.coerce.number().int().min(20).max(10_000).optional().catch(undefined), {
    env: 'COLUMNS',
    description: 'width of tables and help where the terminal does not tell its own',
    environmentOnly: true,
  }),
  npmScript: setting(z.string().default(''), {
    env: 'npm_lifecycle_event',
    description: 'set by npm; decides how commands are spelt in hints and examples',
    environmentOnly: true,
  }),
});

export type Config = Readonly<z.infer<typeof settings>>;

export interface SettingDescription extends Meaning {
  readonly key: string;
  readonly defaultValue: string;
}

const DEFAULT_FILE = 'tidemark.yaml';

/**
 * Environment over `tidemark.yaml` over defaults. The only place where either is read. Throws
 * `CONFIG_INVALID` naming the variable or the line's key, its value and what it may be.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const chosen = environment['TIDEMARK_CONFIG'];
  const values: Record<string, unknown> = readSettingsFile(chosen ?? DEFAULT_FILE, chosen !== undefined);
  const origin = new Map(Object.keys(values).map((key) => [key, chosen ?? DEFAULT_FILE]));
  for (const { key, env } of describeSettings()) {
    const value = environment[env];
    if (value === undefined || value === '') continue;
    values[key] = value;
    origin.set(key, `environment variable ${env}`);
  }
  const checked = settings.safeParse(values);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const key = String(issue?.path[0] ?? '');
  throw new TidemarkError(
    'CONFIG_INVALID',
    `${origin.get(key) ?? DEFAULT_FILE}: ${key} is ${JSON.stringify(values[key])}`,
    `give it a value that fits: ${issue?.message ?? ''}`,
  );
}

/** What holds when neither the environment nor a file says anything. */
export function defaultConfig(): Config {
  return settings.parse({});
}

/** The settings in order of declaration, for `README.md` and its test. */
export function describeSettings(): readonly SettingDescription[] {
  return Object.entries(settings.shape).map(([key, schema]) => {
    const meaning = schema.meta() as Meaning | undefined;
    if (meaning === undefined) throw new Error(`setting ${key} has no description`);
    const fallback = schema.safeParse(undefined);
    const defaultValue = fallback.success && fallback.data !== undefined ? String(fallback.data) : '';
    return { ...meaning, key, defaultValue };
  });
}

/** The configuration as it may be shown to anyone: secrets are replaced by `***`. */
export function redact(config: Config): Readonly<Record<string, unknown>> {
  const secret = new Set(describeSettings().flatMap(({ key, secret }) => (secret ? [key] : [])));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, secret.has(key) ? '***' : value]),
  );
}

function readSettingsFile(path: string, demanded: boolean): Record<string, unknown> {
  const text = readText(path, demanded);
  if (text === undefined) return {};
  const content = parseYaml(path, text);
  const allowed = describeSettings().flatMap(({ key, environmentOnly }) => (environmentOnly ? [] : [key]));
  const stranger = Object.keys(content).find((key) => !allowed.includes(key));
  if (stranger === undefined) return content;
  throw new TidemarkError(
    'CONFIG_INVALID',
    `${path}: unknown setting "${stranger}"`,
    `the settings of this file are: ${allowed.join(', ')}`,
  );
}

function parseYaml(path: string, text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(parse(text) ?? {});
  } catch (error) {
    throw new TidemarkError(
      'CONFIG_INVALID',
      `${path} cannot be read as settings`,
      'write one `setting: value` a line, in YAML',
      error,
    );
  }
}

function readText(path: string, demanded: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!demanded && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new TidemarkError(
      'CONFIG_INVALID',
      `cannot read the settings file ${path}`,
      'check the path in TIDEMARK_CONFIG, or unset it',
      error,
    );
  }
}
