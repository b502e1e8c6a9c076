import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ORDERS = 'customer,date,amount\nc1,2024-01-01,10\n';

describe('outputs beside inputs', () => {
  it.each([
    ['evaluate', '--rows', 'orders.csv'],
    ['evaluate', '--html', 'link.csv'],
    ['train', '--rows', 'orders.csv'],
  ])('%s %s does not write over what it reads: %s', async (command, option, name) => {
    const { folder, input } = anOrdersFile();
    symlinkSync(input, join(folder, 'link.csv'));
    const { code, stderr } = await runCommand([...readArgs(command, input), option, join(folder, name)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error: --\w+ .* would be written over what --input .* reads \[USAGE\]/);
    expect(readFileSync(input, 'utf8')).toBe(ORDERS);
  });

  it('a folder as input is every file in it', async () => {
    const { folder, input } = anOrdersFile();
    const { code } = await runCommand([...readArgs('evaluate', folder), '--html', input]);
    expect(code).toBe(2);
    expect(readFileSync(input, 'utf8')).toBe(ORDERS);
  });

  it('two outputs are not one file', async () => {
    const { folder, input } = anOrdersFile();
    const page = join(folder, 'page');
    const both = await runCommand([...readArgs('evaluate', input), '--html', page, '--rows', page]);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--html and --rows name one file')]);
    const simulated = await runCommand(['simulate', '--people', '1', '--out', page, '--truth', page]);
    expect(simulated.code).toBe(2);
    expect(existsSync(page)).toBe(false);
  });

  it('an output beside the input is no matter, also where its name begins like the input', async () => {
    const { input } = anOrdersFile();
    const { stderr } = await runCommand([...readArgs('evaluate', input), '--html', `${input}.html`]);
    expect(stderr).not.toContain('would be written over');
  });
});

function anOrdersFile(): { readonly folder: string; readonly input: string } {
  const folder = join(temporaryFolder(), 'history');
  mkdirSync(folder);
  const input = join(folder, 'orders.csv');
  writeFileSync(input, ORDERS);
  return { folder, input };
}

function readArgs(command: string, input: string): string[] {
  const map = 'person=customer,time=date,value=amount';
  return [command, '--format', 'csv', '--map', map, '--input', input, '--as-of', '2024-02-01'];
}
