import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TidemarkError } from '../../errors.ts';

/** One file of the input, in the order it is read. */
export interface InputFile {
  readonly path: string;
  /** Name without folder and without `.gz`: what places and messageIds call it. */
  readonly name: string;
  /** Size on disk. */
  readonly bytes: number;
  readonly isGzip: boolean;
}

export interface InputFiles {
  /** `orders.csv`, or `2019/` for a folder. */
  readonly name: string;
  /** By name; never empty. */
  readonly files: readonly InputFile[];
  /** What lies in the folder and is left alone, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * The files that `path` stands for: the file itself, or the files of the folder (not of folders inside it).
 * Hidden files, read-mes and licences are not data. Throws `INPUT_NOT_FOUND`, or `INPUT_EMPTY` for a folder
 * without files.
 */
export async function listInputFiles(path: string): Promise<InputFiles> {
  try {
    const entry = await stat(path);
    if (!entry.isDirectory() && !entry.isFile()) throw notStored(path);
    if (entry.isFile()) {
      const file = await describeFile(path);
      return { name: file.name, files: [file], notes: [] };
    }
    return await listFolder(path);
  } catch (error) {
    throw error instanceof TidemarkError ? error : unreadable(path, error);
  }
}

async function listFolder(path: string): Promise<InputFiles> {
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const notes = entries.flatMap((entry) => passedOver(entry) ?? []);
  const kept = entries.filter((entry) => passedOver(entry) === undefined);
  const files = await Promise.all(kept.map((entry) => describeFile(join(path, entry.name))));
  if (files.length === 0) {
    throw new TidemarkError(
      'INPUT_EMPTY',
      `the folder ${path} holds no data files`,
      'name the file or folder that does',
    );
  }
  const twice = files.find((file, i) => files[i - 1]?.name === file.name);
  if (twice !== undefined) {
    const problem = `${path} holds ${twice.name} both plain and compressed`;
    throw new TidemarkError('INPUT_FORMAT', problem, 'remove one of the two, or name one file');
  }
  return { name: `${basename(resolve(path))}/`, files, notes };
}

/** Formats are told by a first look, and a file is known again by its beginning: neither works on what flows by. */
function notStored(path: string): TidemarkError {
  return new TidemarkError(
    'INPUT_NOT_FOUND',
    `${path} is a pipe or a device, and an input is read more than once`,
    'write it to a file first, plain or gzip, and name that',
  );
}

/** The error for a path that cannot be opened or read. */
export function unreadable(path: string, cause: unknown): TidemarkError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  const problem = isMissing ? `there is no ${path}` : `${path} cannot be read (${code})`;
  const mend =
    path === '-'
      ? 'standard input is not read: write it to a file and name that'
      : 'check the path and its permissions';
  return new TidemarkError('INPUT_NOT_FOUND', problem, mend, cause);
}

async function describeFile(path: string): Promise<InputFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    return { path, name: basename(path).replace(/\.gz$/i, ''), bytes: size, isGzip };
  } finally {
    await handle.close();
  }
}

function passedOver(entry: Dirent): string | undefined {
  if (/^\.|^(readme|licen[cs]e|copying)\b|\.md$/i.test(entry.name)) return `${entry.name}: not data, skipped`;
  if (entry.isDirectory()) return `${entry.name}/: a folder inside the folder, skipped`;
  return undefined;
}
