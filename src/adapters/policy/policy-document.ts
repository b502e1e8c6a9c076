import { isAlias, isCollection, isMap, isScalar, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Mistake, Path, PlacedMistake } from './mistake.ts';
import { pathText } from './mistake.ts';

/** A YAML text whose values can be traced back to their lines. */
export interface PolicyDocument {
  /** The content as plain values; undefined when the text is no YAML. */
  readonly value: unknown;
  /** Broken YAML, or keys stated twice. */
  readonly mistakes: readonly PlacedMistake[];
  /** Where a mistake stands; a path that does not exist stands where its nearest existing ancestor does. */
  readonly place: (mistake: Mistake) => PlacedMistake;
}

/**
 * Reads a text in which keys may wrongly be stated twice. `keep` decides which of the two the value has: a caller
 * who wants to tell the mistakes of both reads the text twice.
 */
export function readPolicyDocument(text: string, keep: 'first' | 'last' = 'last'): PolicyDocument {
  const document = parseDocument(text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const positionAt = positionsIn(text);
  const place = (mistake: Mistake): PlacedMistake => ({
    ...positionAt(offsetOf(document, mistake)),
    path: pathText(mistake.path),
    message: mistake.message,
  });
  const broken = document.errors.map(({ message, pos }): PlacedMistake => ({
    ...positionAt(pos[0]),
    path: '',
    message: `this is not valid YAML: ${message.replace(/\s+/g, ' ')}`,
  }));
  if (broken.length > 0) return { value: undefined, mistakes: broken, place };
  const keys = keyFaults(document.contents, []).map(({ path, at, firstAt }): PlacedMistake => ({
    ...positionAt(at),
    path: pathText(path),
    message:
      firstAt === undefined
        ? 'is no name; use lower-case letters, digits and _, beginning with a letter'
        : `is stated twice, first on line ${positionAt(firstAt).line}; keep one of the two`,
  }));
  dropRepeated(document.contents, keep);
  const content = plainValue(document);
  if (content.ok) return { value: content.value, mistakes: keys, place };
  const refused = { line: 1, column: 1, path: '', message: `this is not usable YAML: ${content.reason}` };
  return { value: undefined, mistakes: [refused], place };
}

/** Line and column, from 1, of an offset into the text. The parser's own counter loses lines of broken quotes. */
function positionsIn(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const line = Math.max(1, starts.filter((start) => start <= Math.min(offset, text.length)).length);
    return { line, column: Math.min(offset, text.length) - (starts[line - 1] ?? 0) + 1 };
  };
}

/** Aliases can only fail here: they may name nothing, or unfold without end. */
function plainValue(document: Document): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: document.toJS() as unknown };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

interface KeyFault {
  readonly path: Path;
  readonly at: number;
  /** Where the key stood before; undefined for a key that no table of values can hold. */
  readonly firstAt?: number;
}

function keyFaults(node: unknown, path: Path): KeyFault[] {
  if (!isCollection(node)) return [];
  if (!isMap(node)) return node.items.flatMap((item, i) => keyFaults(item, [...path, i]));
  const firstAt = new Map<string, number>();
  return node.items.flatMap(({ key, value }) => {
    const name = keyText(key);
    const at = startOf(key) ?? 0;
    const here = { path: [...path, name], at };
    const below = keyFaults(value, here.path);
    if (name === '__proto__') return [here];
    const first = firstAt.get(name);
    if (first !== undefined) return [{ ...here, firstAt: first }, ...below];
    firstAt.set(name, at);
    return below;
  });
}

function dropRepeated(node: unknown, keep: 'first' | 'last'): void {
  if (!isCollection(node)) return;
  if (isMap(node)) {
    const names = node.items.map(({ key }) => keyText(key));
    const kept = (name: string): number => (keep === 'first' ? names.indexOf(name) : names.lastIndexOf(name));
    node.items = node.items.filter((_, i) => kept(names[i] ?? '') === i);
    for (const { value } of node.items) dropRepeated(value, keep);
  } else for (const item of node.items) dropRepeated(item, keep);
}

function offsetOf(document: Document, mistake: Mistake): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of mistake.path.entries()) {
    const isLast = depth === mistake.path.length - 1;
    const whole = isAlias(node) ? node.resolve(document) : node;
    if (!isCollection(whole)) return offset;
    if (isMap(whole)) {
      const pair = whole.items.find(({ key }) => keyText(key) === String(step));
      if (pair === undefined) return offset;
      node = pair.value;
      const keyAt = startOf(pair.key) ?? offset;
      const isEmpty = isScalar(node) && node.value === null && node.source === '';
      offset = isLast && mistake.on === 'value' && !isEmpty ? (startOf(node) ?? keyAt) : keyAt;
    } else {
      node = whole.items[Number(step)];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function keyText(key: unknown): string {
  return isScalar<string | number | boolean | null>(key) ? String(key.value ?? '') : String(key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
