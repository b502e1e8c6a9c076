import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import type {
  ModelKind,
  ModelRegistry,
  ModelToSave,
  Promotion,
  StoredModel,
} from '../../ports/model-registry.ts';
import { modelDamaged, modelInvalid } from './model-invalid.ts';
import { kindOfVersion } from './model-version.ts';
import { packModel, unpackModel } from './packed-model.ts';
import { promotionsText, readPromotions } from './promotions-file.ts';
import { replaceFile, syncFolder, writeDurably } from './write-durably.ts';

const PROMOTIONS = 'promotions.json';

/**
 * Models as files: `<folder>/<kind>/<version>/` holds `manifest.json`, `card.md` and the model's own files, and
 * `<folder>/<kind>/promotions.json` the history of what was in force. Made to be kept in a repository: nothing in it
 * depends on when or where it was written. Several may read; one at a time promotes.
 *
 * Whoever saves a damaged model again mends it. Rejects with `OUTPUT_WRITE` where the file system refuses.
 */
export class FolderModelRegistry implements ModelRegistry {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async save(model: ModelToSave): Promise<StoredModel> {
    const { kind } = model;
    const { version, files, stored } = packModel(model);
    const folder = this.pathOf(kind, version);
    if (!(await this.isWhole(kind, version)))
      await writing(folder, async () => {
        const part = `${folder}.part-${randomUUID()}`;
        try {
          await mkdir(part, { recursive: true });
          for (const [name, content] of Object.entries(files)) await writeDurably(join(part, name), content);
          await syncFolder(part);
          await rm(folder, { recursive: true, force: true });
          await rename(part, folder);
          await syncFolder(this.pathOf(kind));
        } finally {
          await rm(part, { recursive: true, force: true });
        }
      });
    return stored;
  }

  async read(kind: ModelKind, version: string): Promise<StoredModel> {
    if (kindOfVersion(version) !== kind || !(await this.versions(kind)).includes(version))
      throw await this.unknown(kind, version);
    const folder = this.pathOf(kind, version);
    const pathOf = (name: string): string => join(folder, name);
    return unpackModel({ kind, version }, (name) => readWhole(pathOf(name)), pathOf);
  }

  async versions(kind: ModelKind): Promise<readonly string[]> {
    try {
      const names = await readdir(this.pathOf(kind));
      return names.filter((name) => kindOfVersion(name) === kind).sort();
    } catch (cause) {
      if (isMissing(cause)) return [];
      throw unreadable(this.pathOf(kind), cause);
    }
  }

  async promotions(kind: ModelKind): Promise<readonly Promotion[]> {
    const path = this.pathOf(kind, PROMOTIONS);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if (isMissing(cause)) return [];
      throw unreadable(path, cause);
    }
    return readPromotions(text, path);
  }

  async promote(kind: ModelKind, promotion: Promotion): Promise<void> {
    await this.read(kind, promotion.version);
    const path = this.pathOf(kind, PROMOTIONS);
    const history = [...(await this.promotions(kind)), promotion];
    await writing(path, () => replaceFile(path, promotionsText(history)));
  }

  private pathOf(kind: ModelKind, name = ''): string {
    return join(this.folder, kind, name);
  }

  private async isWhole(kind: ModelKind, version: string): Promise<boolean> {
    try {
      await this.read(kind, version);
      return true;
    } catch (error) {
      if (error instanceof TidemarkError && error.code === 'MODEL_INVALID') return false;
      throw error;
    }
  }

  private async unknown(kind: ModelKind, version: string): Promise<TidemarkError> {
    if (!existsSync(this.folder))
      return modelInvalid(
        `there is no folder ${this.folder} to look for ${version} in`,
        'name the folder that train stored the model in',
      );
    const known = await this.versions(kind);
    const there = known.length === 0 ? 'there is none; train one first' : `there are ${known.join(', ')}`;
    return modelInvalid(
      `there is no ${kind} model ${version} in ${this.folder}`,
      `name a model of that folder: ${there}`,
    );
  }
}

/** A copy of its own, at the start of its buffer, so that it can be seen as an array of floats. */
async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw isMissing(cause) ? modelDamaged(path, 'it is missing') : unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): TidemarkError {
  return modelInvalid(`cannot read ${path}`, 'check what is at that path and who may read it', cause);
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT';
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const mend = 'check that the folder may be written to and that there is room on the disk';
    throw new TidemarkError('OUTPUT_WRITE', `cannot write ${path}`, mend, cause);
  }
}
