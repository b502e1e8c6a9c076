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
