import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** Of the kernel's own making: whoever one is, no file can be created in it. */
const KERNEL_FOLDER = '/proc/sys';

/**
 * A folder that the running process cannot write to, whoever runs it: permissions keep an ordinary user out, and a
 * disk mounted for reading keeps out root, whom permissions do not concern. It is empty, except for a root who may
 * not mount, as in most containers.
 */
export function unwritableFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o500);
  if (isRefused(folder)) return folder;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', folder]).status === 0) {
    onTestFinished(() => void spawnSync('umount', [folder]));
    return folder;
  }
  if (isRefused(KERNEL_FOLDER)) return KERNEL_FOLDER;
  throw new Error(`no folder refuses this user: neither can one be mounted, nor does ${KERNEL_FOLDER}`);
}

function isRefused(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}
