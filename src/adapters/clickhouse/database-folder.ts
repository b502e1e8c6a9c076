import { access, constants, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TidemarkError } from '../../errors.ts';

/** What the engine and Tidemark put into a folder; one of them is enough to know it for a database. */
const OWN_ENTRIES = new Set(['data', 'metadata', 'store', 'status']);

/**
 * Makes sure that the engine can work in a folder, before the engine is asked: its own complaint is one line
 * without a reason. Creates the folder and its parents unless `mustExist`. Throws a `TidemarkError` with the
 * mend when the path is a file, cannot be made or written, or holds other people's files.
 */
export async function prepareDatabaseFolder(path: string, mustExist: boolean): Promise<void> {
  if (path === '') {
    throw new TidemarkError('DATABASE_UNAVAILABLE', 'the path of the database is empty', 'Name a folder.');
  }
  const kind = await stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unusable(path, cause);
  });
  if (kind === undefined && mustExist) {
    throw new TidemarkError(
      'INPUT_NOT_FOUND',
      `there is no database at ${path}`,
      'Name the folder that was given as --db to the replay, or run the replay first.',
    );
  }
  if (kind !== undefined && !kind.isDirectory()) {
    throw new TidemarkError(
      'DATABASE_UNAVAILABLE',
      `${path} is a file, not a folder`,
      'Name a folder, new or empty.',
    );
  }
  try {
    if (kind === undefined) await makeFolder(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusable(path, cause);
  }
  if (kind !== undefined) await refuseForeignFolder(path, mustExist);
}

/**
 * With its parents, one after the other and each only where one may write: Node's own recursion gives a missing
 * parent as the reason for a read-only disk, and never comes back from `/proc`.
 */
async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await access(parent, constants.W_OK);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' || parent === path) throw cause;
    await makeFolder(parent);
  }
  await mkdir(path);
}

async function refuseForeignFolder(path: string, mustExist: boolean): Promise<void> {
  const entries = await readdir(path);
  if (entries.some((name) => OWN_ENTRIES.has(name) || name.startsWith('tidemark.'))) return;
  // A database that was opened and closed without a table is one `tmp`; fresh volumes come with lost+found, and
  // dotfiles are nobody's data.
  const foreign = entries.filter((name) => !name.startsWith('.') && name !== 'tmp' && name !== 'lost+found');
  const [first] = foreign;
  if (first !== undefined) {
    throw new TidemarkError(
      'DATABASE_UNAVAILABLE',
      `${path} is not a database: it holds ${foreign.length} other ${foreign.length > 1 ? 'entries' : 'entry'} (${first}${foreign.length > 1 ? ', …' : ''})`,
      'Name a folder that is new or empty, so that nothing of yours is mixed with the tables.',
    );
  }
  if (mustExist) {
    throw new TidemarkError(
      'INPUT_NOT_FOUND',
      `${path} is empty: there is no database in it`,
      'Name the folder that was given as --db to the replay, or run the replay first.',
    );
  }
}

/** Says why the engine would not open a folder that {@link prepareDatabaseFolder} found in order. */
export async function describeOpenFailure(path: string, cause: unknown): Promise<TidemarkError> {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('one active data directory per process')) {
    return new TidemarkError(
      'DATABASE_UNAVAILABLE',
      `${path} cannot be opened while this process has another database open`,
      'Close the other one first: the engine serves one folder per process.',
      cause,
    );
  }
  const holder = await readHolder(path);
  if (holder !== undefined) {
    return new TidemarkError(
      'DATABASE_UNAVAILABLE',
      `${path} is in use by process ${holder}`,
      'Wait until that process ends, or stop it, and try again: one process at a time can open a database folder.',
      cause,
    );
  }
  return new TidemarkError(
    'DATABASE_UNAVAILABLE',
    `the embedded ClickHouse engine cannot open ${path}: ${message}`,
    'See the line the engine wrote to standard error. If the folder was copied while in use or written by a newer ' +
      'version, replay into a new folder.',
    cause,
  );
}

/** The engine keeps its process id in `status` while it holds the folder; after a kill the file stays behind. */
async function readHolder(path: string): Promise<number | undefined> {
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '');
  const pid = Number(/^PID: (\d+)/.exec(status)?.[1]);
  if (!Number.isInteger(pid) || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (cause) {
    return codeOf(cause) === 'EPERM' ? pid : undefined;
  }
}

function unusable(path: string, cause: unknown): TidemarkError {
  const code = codeOf(cause);
  const mend =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'Free some space on that disk, or name a folder on another one.'
      : code === 'ENOTDIR' || code === 'EEXIST'
        ? 'A part of the path is a file: name another folder.'
        : code === 'EROFS'
          ? 'Name a folder on a disk that is not mounted read-only, or have that disk mounted for writing.'
          : 'Name a folder you may write to, or have its permissions changed.';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TidemarkError('DATABASE_UNAVAILABLE', `${path} cannot be used: ${reason}`, mend, cause);
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
