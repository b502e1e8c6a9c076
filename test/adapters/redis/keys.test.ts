import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputsKey, layoutKey, partitionKeys } from '../../../src/adapters/redis/keys.ts';
import { ROOT } from '../../support/source-tree.ts';

const folder = join(ROOT, 'schemas/redis');
const page = readFileSync(join(folder, 'KEYS.md'), 'utf8');

it('KEYS.md lists every key and every script, and no other', () => {
  const { people, due, ...others } = partitionKeys('<p>', 7);
  const { partition, ...rest } = others;
  const keys = [partition, people(9), due(9), ...Object.values(rest), inputsKey('<p>'), layoutKey('<p>')];
  const told = [...page.matchAll(/^\| `(<p>[^`]+)`/gm)].map(([, key]) => key);
  expect(told).toEqual(keys.map((key) => key.replace('{p7}', '{pn}').replace(/:9$/, ':<b>')));
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
    // Keys of which there are as many as people or buckets are reached by counting.
    const counted = /and so on|then per/.test(head) ? told : [];
    expect([...new Set([...used, ...counted])].toSorted(), name).toEqual(told);
  }
});
