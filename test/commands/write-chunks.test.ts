import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeFileWhole } from '../../src/commands/write-chunks.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function* failAfter(count: number, error: Error) {
  for (let i = 0; i < count; i++) yield 'x'.repeat(10_000);
  throw error;
}

describe('a file written whole', () => {
  it.each(['plain.txt', 'zipped.txt.gz'])('holds all chunks of sync and async sources: %s', async (name) => {
    const path = join(temporaryFolder(), name);
    const read = () =>
      (name.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString();
    await writeFileWhole(path, ['one ', 'two']);
    expect(read()).toBe('one two');
    async function* later() {
      await Promise.resolve();
      yield 'three';
    }
    await writeFileWhole(path, later());
    expect(read()).toBe('three');
  });

  it('passes the failure of its source through and keeps the older file', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(path, 'older');
    const error = new Error('the source broke');
    for (const count of [0, 1, 1000]) {
      await expect(writeFileWhole(path, failAfter(count, error))).rejects.toBe(error);
    }
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('older');
  });

  it('tells what the file system refuses', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    for (const path of [join(folder, 'taken'), join(folder, 'no', 'file')]) {
      await expect(writeFileWhole(path, ['x'])).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
    }
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it.skipIf(!existsSync('/dev/full'))('tells a full disk, and writes to devices in place', async () => {
    const source = { ended: false };
    function* endless() {
      try {
        for (;;) yield 'x'.repeat(10_000);
      } finally {
        source.ended = true;
      }
    }
    await expect(writeFileWhole('/dev/full', endless())).rejects.toMatchObject({
      code: 'OUTPUT_WRITE',
      cause: { code: 'ENOSPC' },
    });
    expect(source.ended).toBe(true);
    expect(lstatSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('follows links', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'target'), 'older');
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    await writeFileWhole(join(folder, 'link'), ['newer']);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('newer');
  });
});
