import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { loadChdb } from '../../../src/adapters/clickhouse/load-chdb.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';
import { aTemporaryFolder } from './an-embedded-database.ts';

const HOLDER = fileURLToPath(new URL('./hold-database.ts', import.meta.url));

describe('openEmbeddedClickhouse', () => {
  let folder: Awaited<ReturnType<typeof aTemporaryFolder>>;
  beforeEach(async () => {
    folder = await aTemporaryFolder();
  });
  afterEach(() => folder.remove());

  const countTransitions = async (path: string): Promise<unknown> => {
    const handle = await openEmbeddedClickhouse({ path, mustExist: true });
    try {
      return await new ClickhouseAnalytics(handle).query('SELECT count() AS n FROM tag_transitions');
    } finally {
      await handle.close();
    }
  };

  describe('makes a database', () => {
    it.each(['new', 'new/with/parents', 'with space ü', '.'])('in %j', async (name) => {
      const path = join(folder.path, name);
      const handle = await openEmbeddedClickhouse({ path });
      await migrate(handle);
      await handle.close();
      expect(await countTransitions(path)).toEqual([{ n: 0 }]);
    });

    it('beside files of Tidemark, dotfiles and lost+found, and leaves them alone', async () => {
      await writeFile(join(folder.path, 'tidemark.state'), 'mine');
      await writeFile(join(folder.path, '.gitkeep'), '');
      await mkdir(join(folder.path, 'lost+found'));
      const handle = await openEmbeddedClickhouse({ path: folder.path });
      await migrate(handle);
      await new ClickhouseAnalytics(handle).write('one', { tag_transitions: [aTransition()] });
      await handle.close();
      expect(await countTransitions(folder.path)).toEqual([{ n: 1 }]);
      expect(await readFile(join(folder.path, 'tidemark.state'), 'utf8')).toBe('mine');
    });

    it('through a symbolic link', async () => {
      await mkdir(join(folder.path, 'real'));
      await symlink(join(folder.path, 'real'), join(folder.path, 'link'));
      const handle = await openEmbeddedClickhouse({ path: join(folder.path, 'link') });
      await migrate(handle);
      await handle.close();
      expect(await countTransitions(join(folder.path, 'real'))).toEqual([{ n: 0 }]);
    });
  });

  describe('refuses, and says why and what to do', () => {
    it('a file', async () => {
      await writeFile(join(folder.path, 'file'), '');
      await expect(openEmbeddedClickhouse({ path: join(folder.path, 'file') })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('is a file') as string,
      });
      await expect(openEmbeddedClickhouse({ path: join(folder.path, 'file', 'db') })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        mend: expect.stringContaining('part of the path is a file') as string,
      });
    });

    it("a folder of other people's files", async () => {
      await writeFile(join(folder.path, 'thesis.tex'), 'years of work');
      await expect(openEmbeddedClickhouse({ path: folder.path })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('it holds 1 other entry (thesis.tex)') as string,
        mend: expect.stringContaining('new or empty') as string,
      });
    });

    it('a path that is empty, as a variable that was never set', async () => {
      await expect(openEmbeddedClickhouse({ path: '' })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: 'the path of the database is empty',
      });
    });

    it('a folder that is not there, when it must exist, and makes none', async () => {
      const path = join(folder.path, 'nowhere');
      await expect(openEmbeddedClickhouse({ path, mustExist: true })).rejects.toMatchObject({
        code: 'INPUT_NOT_FOUND',
      });
      await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('an empty folder, when it must exist', async () => {
      await expect(openEmbeddedClickhouse({ path: folder.path, mustExist: true })).rejects.toMatchObject({
        code: 'INPUT_NOT_FOUND',
      });
    });

    it('a place where nothing can be made', async () => {
      await expect(openEmbeddedClickhouse({ path: '/dev/null/db' })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        mend: expect.stringContaining('another folder') as string,
      });
    });

    it('a second folder while one is open', async () => {
      const handle = await openEmbeddedClickhouse({ path: join(folder.path, 'one') });
      try {
        await expect(openEmbeddedClickhouse({ path: join(folder.path, 'two') })).rejects.toMatchObject({
          code: 'DATABASE_UNAVAILABLE',
          mend: expect.stringContaining('one folder per process') as string,
        });
      } finally {
        await handle.close();
      }
    });

    it('to go on without the engine, and says how to install it', async () => {
      // A package that is truly not there, so that the error is Node's own.
      const absent = 'chdb-that-is-not-installed';
      await expect(
        loadChdb(async () => (await import(absent)) as Awaited<ReturnType<typeof loadChdb>>),
      ).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('not installed') as string,
        mend: expect.stringContaining('npm install chdb') as string,
      });
      await expect(
        loadChdb(() => Promise.reject(new Error('version `GLIBC_2.99` not found\nrequired by x'))),
      ).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('GLIBC_2.99') as string,
      });
    });
  });

  describe('closes', () => {
    it('twice as well as once, and lets another folder be opened', async () => {
      for (const name of ['one', 'two']) {
        const handle = await openEmbeddedClickhouse({ path: join(folder.path, name) });
        await handle.close();
        await handle.close();
      }
    });

    it('after what the engine is at, even when nobody waits for the answer any more', async () => {
      const handle = await openEmbeddedClickhouse({ path: join(folder.path, 'one') });
      let isDone = false;
      void handle.reading
        .query({ query: 'SELECT sum(sipHash64(number)) FROM numbers(20000000)' })
        .then(() => (isDone = true));
      await handle.close();
      expect(isDone).toBe(true);
      await (await openEmbeddedClickhouse({ path: join(folder.path, 'two') })).close();
    });

    it('a folder in which nothing was made yet, and opens it again', async () => {
      for (let time = 0; time < 2; time++) {
        await (await openEmbeddedClickhouse({ path: join(folder.path, 'one') })).close();
      }
    });
  });

  describe('with another process', () => {
    const start = (path: string, ending: string): ChildProcess =>
      spawn(process.execPath, ['--import', 'tsx', HOLDER, path, ending], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const isOpen = (child: ChildProcess): Promise<unknown> =>
      child.stdout === null ? Promise.reject(new Error('no output')) : once(child.stdout, 'data');

    it('refuses a folder it holds and names it, and opens what a kill left behind', async () => {
      const path = join(folder.path, 'db');
      const child = start(path, 'hold');
      await isOpen(child);
      await expect(openEmbeddedClickhouse({ path })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining(`in use by process ${child.pid}`) as string,
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await countTransitions(path)).toEqual([{ n: 1 }]);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it as it ends any program', async (signal) => {
      const path = join(folder.path, 'db');
      const child = start(path, 'hold');
      await isOpen(child);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([null, signal]);
      expect(await countTransitions(path)).toEqual([{ n: 1 }]);
    });

    it('that forgets to close ends all the same, says nothing of its own, and loses nothing', async () => {
      const path = join(folder.path, 'db');
      const child = start(path, 'leave');
      if (child.stdout === null || child.stderr === null) throw new Error('no output');
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit') as Promise<[number]>,
      ]);
      expect({ stdout, stderr, code }).toEqual({ stdout: 'open\n', stderr: '', code: 0 });
      expect(await countTransitions(path)).toEqual([{ n: 1 }]);
    });
  });
});
