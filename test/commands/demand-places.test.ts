import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasTfjsNode } from '../adapters/tensorflow/backends-here.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { unwritableFolder } from '../support/unwritable-folder.ts';

/** An input that is refused when it is read: whatever is found before has another code. */
function argsOf(command: string): string[] {
  const input = join(temporaryFolder(), 'orders.csv');
  writeFileSync(input, 'who,when\n');
  const map = 'person=customer,time=date,value=amount';
  return [...command.split(' '), '--format', 'csv', '--map', map, '--input', input, '--as-of', '2024-06-30'];
}

function aFolder(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), 'kept');
  mkdirSync(join(folder, 'folder'));
  mkdirSync(join(folder, 'registry'));
  for (const kind of ['churn', 'segments']) writeFileSync(join(folder, 'registry', kind), '');
  return folder;
}

describe('before anything is read', () => {
  it.each([
    ['evaluate', '--html', 'folder', /cannot write --html \S+folder: it is a folder/],
    ['evaluate', '--html', 'nowhere/page.html', /there is no folder \S+nowhere/],
    ['evaluate', '--rows', 'nowhere/rows.arrow', /cannot write --rows \S+: there is no folder \S+nowhere/],
    ['evaluate', '--rows', 'file/rows.arrow', /there is no folder \S+file/],
    ['train', '--rows', 'folder', /cannot write --rows \S+folder: it is a folder/],
    ['train', '--out', 'file', /cannot write --out \S+file: \S+file is no folder/],
    ['train', '--out', 'file/below/it', /cannot write --out \S+it: \S+file is no folder/],
    ['train', '--out', 'registry', /\S+churn is no folder/],
    ['train --kind segments', '--out', 'file', /cannot write --out \S+file: \S+file is no folder/],
    ['train --kind segments', '--out', 'registry', /\S+segments is no folder/],
  ])('%s refuses %s %s', async (command, option, name, says) => {
    const folder = aFolder();
    const { code, stdout, stderr } = await runCommand([...argsOf(command), option, join(folder, name)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/\[OUTPUT_WRITE\]\n {2}mend: name a \S/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder', 'registry']);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  });

  it.each([
    ['evaluate', '--html', 'page.html'],
    ['train', '--out', 'models/of/mine'],
    ['train --kind segments', '--out', ''],
  ])('%s refuses %s where nothing may be written', async (command, option, name) => {
    const { code, stderr } = await runCommand([...argsOf(command), option, join(unwritableFolder(), name)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/you may not write to [^]*\[OUTPUT_WRITE\]/);
  });

  it.each([
    ['evaluate', '--html', 'page.html'],
    ['evaluate', '--rows', 'file'],
    ['evaluate', '--html', '/dev/null'],
    ['train', '--out', 'models/of/mine'],
    ['train --kind segments', '--out', 'folder'],
  ])('%s takes %s %s, and makes nothing yet', async (command, option, name) => {
    const folder = aFolder();
    const path = name.startsWith('/') ? name : join(folder, name);
    const { stderr } = await runCommand([...argsOf(command), option, path]);
    expect(stderr).toMatch(/\[INPUT_/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder', 'registry']);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
    expect(existsSync(join(folder, 'folder', 'segments'))).toBe(false);
  });

  it.each(['evaluate', 'train'])('%s refuses a backend only where it is not here', async (command) => {
    const { code, stderr } = await runCommand([...argsOf(command), '--backend', 'tfjs-node']);
    expect(code).toBe(1);
    if (hasTfjsNode) expect(stderr).toMatch(/\[INPUT_/);
    else expect(stderr).toMatch(/tfjs-node does not load[^]*\[MODEL_BACKEND\][^]*\n {2}mend: \S/);
  });
});
