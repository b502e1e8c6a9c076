import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SMALL = ['demo', '--people', '40', '--days', '60', '--no-serve'];
const newFolder = (): string => join(temporaryFolder(), 'db');

/** Without the figures of time and the folder's name. */
function lasting(page: string, db: string): string {
  return page.replaceAll(db, 'DIR').replace(/\nhow fast\n[^]*?\n\n/, '\n');
}

describe('demo', () => {
  it('ends in a page whose commands work as they stand', { timeout: 120_000 }, async () => {
    const db = newFolder();
    const { code, stdout, stderr } = await runCommand([
      'demo',
      '--people',
      '150',
      '--days',
      '150',
      '--db',
      db,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of [
      'people by tag',
      'where people went',
      'why tags changed',
      'how fast',
      'look further',
    ]) {
      expect(stdout).toContain(`\n${part}`);
    }
    expect(stdout).not.toContain('no model in force');
    expect(stdout).toMatch(/time +\d+ +nothing happened, and time passed/);
    expect(stdout).toMatch(/welcome_back +[1-9]\d* +A buyer has become dormant/);
    expect(stdout).toMatch(/one person's story: \w+\n[^]*dormant_buyer, by time alone/);
    const commands = [...stdout.matchAll(/^ {2}tidemark (explain|query) (.+)$/gm)];
    expect(commands.length).toBeGreaterThanOrEqual(4);
    for (const [, name = '', rest = ''] of commands) {
      const args = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      expect(await runCommand([name, ...args])).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it(
    'gives the same page for the same seed, in another folder and again in the same one',
    { timeout: 60_000 },
    async () => {
      const [one, other] = [newFolder(), newFolder()];
      const first = lasting((await runCommand([...SMALL, '--db', one])).stdout, one);
      expect(lasting((await runCommand([...SMALL, '--db', other])).stdout, other)).toBe(first);
      expect(lasting((await runCommand([...SMALL, '--db', one])).stdout, one)).toBe(first);
      const changed = await runCommand([...SMALL, '--seed', '2', '--db', one]);
      expect(changed.code).toBe(2);
      expect(changed.stderr).toMatch(/not this marketplace \[DATABASE_OTHER_ORIGIN\]/);
    },
  );

  it('sums up as one object, with triggers fired', { timeout: 60_000 }, async () => {
    const db = newFolder();
    const summary = await runForJson([...SMALL, '--db', db]);
    expect(summary).toMatchObject({
      ...{ db, triggersMuted: 0, interrupted: false },
      marketplace: { accounts: 40, days: 60, seed: 1 },
    });
    expect(summary['triggers']).toBeGreaterThan(0);
  });
});
