import * as z from 'zod';
import { instant, isoOf } from '../../core/time.ts';
import type { ModelKind, ModelToSave, StoredModel } from '../../ports/model-registry.ts';
import { modelDamaged } from './model-invalid.ts';
import { sha256, versionOf } from './model-version.ts';

const MANIFEST = 'manifest.json';
const CARD = 'card.md';
const FILE_NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** What is written into a manifest for every kind; the rest is the kind's. */
const envelopeSchema = z.looseObject({
  version: z.string(),
  asOf: z.iso.datetime(),
  files: z.record(z.string().regex(FILE_NAME), z.string().regex(/^[0-9a-f]{64}$/)),
});

/** A model as the files it is kept as, manifest and card among them. */
export interface PackedModel {
  readonly version: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What {@link unpackModel} makes of them. */
  readonly stored: StoredModel;
}

/** A RangeError for a name that is no plain file name, or is taken. */
export function packModel({ kind, asOf, manifest, files, card }: ModelToSave): PackedModel {
  refuseBadNames(Object.keys(files));
  const contents: Readonly<Record<string, string | Uint8Array>> = { ...files, [CARD]: card };
  const hashes = Object.entries(contents).map(([name, content]) => [name, sha256(content)]);
  const said = { ...manifest, kind, asOf: isoOf(asOf), files: Object.fromEntries(hashes) as unknown };
  const version = versionOf(kind, asOf, said);
  const text = `${JSON.stringify({ version, ...said }, null, 2)}\n`;
  return {
    version,
    files: { ...contents, [MANIFEST]: text },
    stored: { kind, version, manifest: JSON.parse(text) as unknown, files },
  };
}

/**
 * The model of these files, if it is whole: the manifest says what it said when the version was made, and every file that
 * it names by hash has that hash. Throws `MODEL_INVALID` that names the file by its path; what `read` throws passes
 * through.
 */
export async function unpackModel(
  { kind, version }: Pick<StoredModel, 'kind' | 'version'>,
  read: (name: string) => Promise<Uint8Array>,
  pathOf: (name: string) => string,
): Promise<StoredModel> {
  const { manifest, hashes } = parseManifest(kind, version, pathOf(MANIFEST), await read(MANIFEST));
  const files: Record<string, Uint8Array> = {};
  for (const [name, hash] of Object.entries(hashes)) {
    const content = await read(name);
    if (sha256(content) !== hash)
      throw modelDamaged(pathOf(name), `its SHA-256 is ${sha256(content)}, and the manifest names ${hash}`);
    if (name !== CARD) files[name] = content;
  }
  return { kind, version, manifest, files };
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
    throw modelDamaged(path, 'it is not JSON', cause);
  }
  const envelope = envelopeSchema.safeParse(parsed);
  if (!envelope.success) throw modelDamaged(path, z.prettifyError(envelope.error));
  const { version: named, ...said } = envelope.data;
  const meant = versionOf(kind, instant(Date.parse(said.asOf)), said);
  if (named !== version) throw modelDamaged(path, `it is the manifest of ${named}`);
  if (meant !== version) throw modelDamaged(path, `it was changed since: what it says now would be ${meant}`);
  return { manifest: parsed, hashes: said.files };
}

function refuseBadNames(names: readonly string[]): void {
  for (const name of names)
    if (!FILE_NAME.test(name) || name === MANIFEST || name === CARD)
      throw new RangeError(`a model cannot have a file named ${name}`);
}
