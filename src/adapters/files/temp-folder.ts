import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TidemarkError } from '../../errors.ts';

/** A folder for what does not fit in memory: made when first needed, gone with everything in it after `remove`. */
export class TempFolder {
  private readonly parent: string;
  private folder: string | undefined;
  private files = 0;

  /** `parent`: where to make it; the system's temporary folder by default. */
  constructor(parent: string = tmpdir()) {
    this.parent = parent;
  }

  /** Writes a new file through `write` and gives its path. Throws `TEMP_FOLDER` when it cannot be written. */
  async writeFile(write: (handle: FileHandle) => Promise<void>): Promise<string> {
    try {
      this.folder ??= await mkdtemp(join(this.parent, 'tidemark-sort-'));
      const path = join(this.folder, `run-${this.files++}`);
      const handle = await open(path, 'w');
      try {
        await write(handle);
      } finally {
        await handle.close();
      }
      return path;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const problem = `cannot write to the temporary folder ${this.folder ?? this.parent} (${error.code})`;
      throw new TidemarkError(
        'TEMP_FOLDER',
        problem,
        'free space there, or set TMPDIR to a folder with more',
        error,
      );
    }
  }

  async remove(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
