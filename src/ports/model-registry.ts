import type { Instant } from '../core/time.ts';

/** What a model is for; each kind has one model in force at a time. */
export const MODEL_KINDS = ['churn', 'segments'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** A trained model as files: the manifest says what it is, and knows the others by their hashes. */
export interface StoredModel {
  readonly kind: ModelKind;
  /** For instance `churn@1997-09-30-3f9c2a1b`; made of the manifest's content, so no two models share one. */
  readonly version: string;
  /**
   * Parsed JSON: what was saved, with `version`, `kind`, `asOf` (ISO 8601) and `files` (SHA-256 in hexadecimal by name).
   * What else it must hold is the kind's to say.
   */
  readonly manifest: unknown;
  /** By name, the manifest and the card not among them. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** One decision to put a model in force. */
export interface Promotion {
  readonly version: string;
  readonly promotedAt: Instant;
  /** Against the gate's advice. */
  readonly forced: boolean;
  /** Of a churn model: its best baseline serves, fitted to the history it learnt from, whatever its network is worth. */
  readonly bestBaseline?: true;
  /** What the gate said: why it passed or what it was refused for. */
  readonly reasons: readonly string[];
}

/**
 * Models and which of them are in force: a folder in a repository, or a bucket.
 *
 * - `save` is all or nothing, and the same model again changes nothing, but that it mends what was damaged. It puts
 *   nothing in force.
 * - `read` gives only what is whole: every file that the manifest names by hash is there and has that hash, and the
 *   manifest says what it said when the version was made, however it is laid out. Otherwise it rejects with
 *   `TidemarkError` `MODEL_INVALID` that names the file and the mend.
 * - `promote` is atomic: a reader sees the model before or the model after. History is kept, newest last. One at a
 *   time promotes.
 */
export interface ModelRegistry {
  save(model: ModelToSave): Promise<StoredModel>;
  read(kind: ModelKind, version: string): Promise<StoredModel>;
  /** Candidates and promoted ones, oldest first by version. */
  versions(kind: ModelKind): Promise<readonly string[]>;
  promotions(kind: ModelKind): Promise<readonly Promotion[]>;
  /** Rejects with `MODEL_INVALID` when there is no such whole model. */
  promote(kind: ModelKind, promotion: Promotion): Promise<void>;
}

export interface ModelToSave {
  readonly kind: ModelKind;
  /** Goes into the version: up to when the model knows the world. */
  readonly asOf: Instant;
  /** Plain JSON data, without `version`, `kind`, `asOf` and `files`, which the registry adds. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** By plain names: lower-case letters, digits, dots and hyphens. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Markdown for people: what it is for, how good it is, what it must not be used for. */
  readonly card: string;
}
