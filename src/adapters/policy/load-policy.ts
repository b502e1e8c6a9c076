import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Policy } from '../../core/tagging/policy.ts';
import { TidemarkError } from '../../errors.ts';
import { checkRules, extraScoreNames } from './check-rules.ts';
import { mistakesOf } from './check-shape.ts';
import { compilePolicy } from './compile-policy.ts';
import { policyError, type PlacedMistake } from './mistake.ts';
import { readPolicyDocument, type PolicyDocument } from './policy-document.ts';
import { policySchema, type PolicySource } from './policy-schema.ts';

/** The pack that holds when no other is named. Found from the package, whatever the working folder is. */
export function defaultPolicyPath(): string {
  return fileURLToPath(new URL('../../../models/policies/marketplace.yaml', import.meta.url));
}

/**
 * Reads and compiles a policy file; a relative path is taken from the working folder.
 * Throws `INPUT_NOT_FOUND` for a file that cannot be read, `POLICY_INVALID` as {@link parsePolicy} does.
 */
export async function loadPolicy(path: string): Promise<Policy> {
  return parsePolicy(decode(await read(path), path), path);
}

/**
 * Compiles the text of a policy file. `fileName` is for messages only. Throws `POLICY_INVALID` that tells every
 * mistake of the text at once, each with file:line:column, its path, what is wrong and how to mend it.
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const document = readPolicyDocument(text);
  const { source, mistakes } = check(document);
  if (mistakes.length === 0 && source !== undefined) return compilePolicy(source);
  const hidden = document.mistakes.length > 0 ? check(readPolicyDocument(text, 'first')).mistakes : [];
  throw policyError(fileName, inOrder([...mistakes, ...hidden]));
}

interface Checked {
  readonly source: PolicySource | undefined;
  readonly mistakes: readonly PlacedMistake[];
}

function check({ value, mistakes, place }: PolicyDocument): Checked {
  if (value === undefined) return { source: undefined, mistakes };
  const shape = policySchema(extraScoreNames(value)).safeParse(value);
  const found = [...(shape.success ? [] : mistakesOf(shape.error)), ...checkRules(value)];
  return { source: shape.data, mistakes: [...mistakes, ...found.map(place)] };
}

/** Each place and message once: what both readings of a repeated key share is found twice. */
function inOrder(mistakes: readonly PlacedMistake[]): PlacedMistake[] {
  const byPlace = new Map(
    mistakes.map((one) => [`${one.line}:${one.column} ${one.path} ${one.message}`, one]),
  );
  return [...byPlace.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const mend = 'check the path, or name no policy to use the default pack';
    throw new TidemarkError('INPUT_NOT_FOUND', `cannot read the policy file ${path}`, mend, error);
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const mend = 'name a policy in YAML, saved as UTF-8';
    throw new TidemarkError('POLICY_INVALID', `${path} is not a text file in UTF-8`, mend, error);
  }
}
