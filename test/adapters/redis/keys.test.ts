import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputsKey, layoutKey, partitionKeys } from '../../../src/adapters/redis/keys.ts';
import { ROOT } from '../../support/source-tree.ts';

const folder = join(ROOT, 'schemas/redis');
const page = readFileSync(join(folder, 'KEYS.md'), 'utf8');

it('KEYS.md lists every key and every script, and no other', () => {
  const keys = [...Object.values<string>({ ...partitionKeys('<p>', 7) }), inputsKey('<p>'), layoutKey('<p>')];
  const told = [...page.matchAll(/^\| `(<p>[^`]+)`/gm)].map(([, key]) => key);
  expect(told).toEqual(keys.map((key) => key.replace('{p7}', '{pn}')));
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.lua'));
  const toldScripts = [...page.matchAll(/^\| `([^`]+\.lua)`/gm)].map(([, name]) => name);
  expect(toldScripts.toSorted()).toEqual(scripts.toSorted());
});

it('every script begins with what it does, its keys, its arguments and what it returns', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.lua'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    const head = text.slice(0, text.search(/^[^-]/m));
    for (const part of [/^-- [A-Z]/, /^-- KEYS {2}1 /m, /^-- ARGV {2}1 /m, /^-- Returns /m])
      expect(head, name).toMatch(part);
    const used = [...text.matchAll(/KEYS\[(\d+)\]/g)].map(([, number]) => Number(number));
    const line = /^-- KEYS(.*)$/m.exec(head)?.[1] ?? '';
    const told = [...line.matchAll(/ {2,3}(\d+) /g)].map(([, number]) => Number(number));
    expect([...new Set(used)].toSorted(), name).toEqual(told);
  }
});
