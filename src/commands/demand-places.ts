import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TidemarkError } from '../errors.ts';

/**
 * Before any work: every output file, by its option, can be written where it was asked for. Nothing is made or touched, and
 * what changes until it is written is found then. Outputs that were not given are undefined. Throws `OUTPUT_WRITE`.
 */
export async function demandFilePlaces(outputs: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const why = await againstFile(path);
    if (why !== undefined) throw unwritable(`${option} ${path}`, why, 'name a file in a folder that exists');
  }
}

/** Likewise of a folder, which need not be there yet, nor those above it. `what` is what the error speaks of. */
export async function demandFolderPlace(what: string, path: string): Promise<void> {
  const found = await kindAt(path);
  const parent = dirname(path);
  if (found === 'nothing' && parent !== path) return demandFolderPlace(what, parent);
  const why = found === 'folder' ? await refusal(path) : `${path} is no folder`;
  if (why !== undefined) throw unwritable(what, why, 'name a folder, or one that can be made');
}

/** A clause; undefined where nothing speaks against it. */
async function againstFile(path: string): Promise<string | undefined> {
  const found = await kindAt(path);
  if (found === 'folder') return 'it is a folder';
  // Pipes and devices are written to as they are.
  if (found === 'other') return refusal(path);
  const folder = dirname(found === 'file' ? await realpath(path) : path);
  return (await kindAt(folder)) === 'folder' ? refusal(folder) : `there is no folder ${folder}`;
}

async function refusal(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK);
    return undefined;
  } catch {
    return `you may not write to ${path}`;
  }
}

async function kindAt(path: string): Promise<'nothing' | 'file' | 'folder' | 'other'> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch {
    return 'nothing';
  }
}

function unwritable(what: string, why: string, mend: string): TidemarkError {
  return new TidemarkError(
    'OUTPUT_WRITE',
    `cannot write ${what}: ${why}`,
    `${mend}, and that you may write to`,
  );
}
