import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { instant, isoOf } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';
import type {
  ModelKind,
  ModelRegistry,
  ModelToSave,
  Promotion,
  StoredModel,
} from '../../ports/model-registry.ts';
import { modelInvalid } from './model-invalid.ts';
import { kindOfVersion, sha256, versionOf } from './model-version.ts';
import { promotionsText, readPromotions } from './promotions-file.ts';
import { replaceFile, syncFolder, writeDurably } from './write-durably.ts';

const MANIFEST = 'manifest.json';
const CARD = 'card.md';
const PROMOTIONS = 'promotions.json';
const FILE_NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** What the registry itself wrote into a manifest; the rest is the kind's. */
const envelopeSchema = z.looseObject({
  version: z.string(),
  asOf: z.iso.datetime(),
  files: z.record(z.string().regex(FILE_NAME), z.string().regex(/^[0-9a-f]{64}$/)),
});

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

  async save({ kind, asOf, manifest, files, card }: ModelToSave): Promise<StoredModel> {
    refuseBadNames(Object.keys(files));
    const contents: Readonly<Record<string, string | Uint8Array>> = { ...files, [CARD]: card };
    const hashes = Object.entries(contents).map(([name, content]) => [name, sha256(content)]);
    const said = { ...manifest, kind, asOf: isoOf(asOf), files: Object.fromEntries(hashes) as unknown };
    const version = versionOf(kind, asOf, said);
    const text = `${JSON.stringify({ version, ...said }, null, 2)}\n`;
    const folder = this.pathOf(kind, version);
    if (!(await this.isWhole(kind, version)))
      await writing(folder, async () => {
        const part = `${folder}.part-${randomUUID()}`;
        try {
          await mkdir(part, { recursive: true });
          for (const [name, content] of Object.entries({ ...contents, [MANIFEST]: text }))
            await writeDurably(join(part, name), content);
          await syncFolder(part);
          await rm(folder, { recursive: true, force: true });
          await rename(part, folder);
          await syncFolder(this.pathOf(kind));
        } finally {
          await rm(part, { recursive: true, force: true });
        }
      });
    return { kind, version, manifest: JSON.parse(text) as unknown, files };
  }

  async read(kind: ModelKind, version: string): Promise<StoredModel> {
    if (kindOfVersion(version) !== kind || !(await this.versions(kind)).includes(version))
      throw await this.unknown(kind, version);
    const folder = this.pathOf(kind, version);
    const path = join(folder, MANIFEST);
    const { manifest, hashes } = parseManifest(kind, version, path, await readWhole(path));
    const files: Record<string, Uint8Array> = {};
    for (const [name, hash] of Object.entries(hashes)) {
      const filePath = join(folder, name);
      const content = await readWhole(filePath);
      if (sha256(content) !== hash)
        throw damaged(filePath, `its SHA-256 is ${sha256(content)}, and the manifest names ${hash}`);
      if (name !== CARD) files[name] = content;
    }
    return { kind, version, manifest, files };
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
    const known = await this.versions(kind);
    const there = known.length === 0 ? 'there is none; train one first' : `there are ${known.join(', ')}`;
    return modelInvalid(
      `there is no ${kind} model ${version} in ${this.folder}`,
      `name a model of that folder: ${there}`,
    );
  }
}

function parseManifest(
  kind: ModelKind,
  version: string,
  path: string,
  content: Uint8Array,
): { readonly manifest: unknown; readonly hashes: Readonly<Record<string, string>> } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(content));
  } catch (cause) {
    throw damaged(path, 'it is not JSON', cause);
  }
  const envelope = envelopeSchema.safeParse(parsed);
  if (!envelope.success) throw damaged(path, z.prettifyError(envelope.error));
  const { version: named, ...said } = envelope.data;
  const meant = versionOf(kind, instant(Date.parse(said.asOf)), said);
  if (named !== version) throw damaged(path, `it is the manifest of ${named}`);
  if (meant !== version) throw damaged(path, `it was changed since: what it says now would be ${meant}`);
  return { manifest: parsed, hashes: said.files };
}

function refuseBadNames(names: readonly string[]): void {
  for (const name of names)
    if (!FILE_NAME.test(name) || name === MANIFEST || name === CARD)
      throw new RangeError(`a model cannot have a file named ${name}`);
}

/** A copy of its own, at the start of its buffer, so that it can be seen as an array of floats. */
async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw isMissing(cause) ? damaged(path, 'it is missing') : unreadable(path, cause);
  }
}

function damaged(path: string, why: string, cause?: unknown): TidemarkError {
  const mend = 'restore the file from where the model came from, or train the model anew and save it again';
  return modelInvalid(`${path} is not what was saved: ${why}`, mend, cause);
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
