import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/source-tree.ts';

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly deploy?: { readonly replicas: string | number };
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const VARIABLE = /\$\{\w+:-([^}]*)\}/g;

/** `docker-compose.yml` as Docker takes it with nothing set in the environment: `${NAME:-default}` is the default. */
export function readComposeFile(): ComposeFile {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const filledIn = (_: unknown, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(VARIABLE, (_match, fallback: string) => fallback) : value;
  return parse(text, filledIn, { merge: true }) as ComposeFile;
}
