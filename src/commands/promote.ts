import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { kindOfVersion } from '../adapters/models/model-version.ts';
import { churnManifestOf, servedChurn } from '../adapters/models/served-churn.ts';
import { servedSegments } from '../adapters/models/served-segments.ts';
import { verdictOn } from '../adapters/models/verdict-on.ts';
import { SCORER_NAMES, rankBaselines } from '../core/scoring/evaluation/gate.ts';
import { isoOf } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { ModelKind, Promotion, StoredModel } from '../ports/model-registry.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { printable } from './terminal/printable.ts';
import { told } from './run-page.ts';
import { SERVED_WORDS } from './served-words.ts';
import { DEFAULT_MODELS } from './train-options.ts';
import type { World } from './world.ts';

interface PromoteFlags {
  readonly models: string;
  readonly force?: true;
  readonly baseline?: true;
  readonly json?: true;
}

/** `promote`: puts a candidate in force, if its gate let it pass. */
export function addPromoteCommand(program: Command, world: World): void {
  const command = program
    .command('promote')
    .description('put a trained model in force, if it passed its gate')
    .argument('<model>', 'its version, or the folder it lies in')
    .option('--models <folder>', 'where models are kept', DEFAULT_MODELS)
    .option('--force', "against the gate's advice, which is recorded")
    .option(
      '--baseline',
      'of a churn model the best of the plain baselines, fitted to the same history: needs no gate',
    )
    .option('--json', 'print what was decided as one JSON object')
    .action((model: string, flags: PromoteFlags) => promote(model, flags, world));
  addExamples(command, world, [
    'promote churn@1997-09-30-3f9c2a1b',
    'promote churn@1997-09-30-3f9c2a1b --baseline',
    'promote models/churn/churn@1997-09-30-3f9c2a1b --force',
  ]);
}

async function promote(model: string, flags: PromoteFlags, world: World): Promise<void> {
  const { kind, version, folder } = placeOf(model, flags.models);
  const registry = new FolderModelRegistry(folder);
  const stored = await registry.read(kind, version);
  const { passed, reasons } = verdictOn(stored);
  const before = (await registry.promotions(kind)).at(-1);
  if (flags.baseline === true && kind !== 'churn') throw onlyOfChurn(version);
  const bestBaseline = flags.baseline === true ? { bestBaseline: true as const } : {};
  const mayServe = passed || flags.baseline === true;
  const forced = !mayServe && flags.force === true;
  if (flags.baseline === true) demandBaseline(stored);
  // Before it is put in force: what does not fit would keep every process from starting.
  const serves = servesAs(stored, { forced, ...bestBaseline });
  if (!mayServe && !forced) throw refused(version, reasons, servingInstead(kind, before));
  const promotion: Promotion = { version, promotedAt: world.wallClock(), forced, reasons, ...bestBaseline };
  const isNew =
    before?.version !== version || before.forced !== forced || before.bestBaseline !== flags.baseline;
  if (isNew) await registry.promote(kind, promotion);
  const replaced = isNew && before !== undefined ? servedName(before) : null;
  if (flags.json === true) {
    const promotedAt = isoOf((isNew ? promotion : before).promotedAt);
    writeJsonLine(world.stdout, { kind, version, serves, forced, reasons, promotedAt, replaced });
    return;
  }
  const { bold } = createColors(world.stdout.colours);
  const line = (text: string): void => told(world, '  ', printable(text));
  const what = isNew ? `promoted ${servedName(promotion)}` : `${servedName(promotion)} is in force already`;
  world.stdout.write(`${bold(what)}${forced ? ", against the gate's advice" : ''}\n`);
  reasons.forEach(line);
  line(
    `serves from the next turn of whoever reads this registry: ${serves}${replaced === null ? '' : `, instead of ${replaced}`}`,
  );
}

interface ModelPlace {
  readonly kind: ModelKind;
  readonly version: string;
  /** Of the registry. */
  readonly folder: string;
}

/** As results name it: one version serves as its network or as its best baseline. */
function servedName({ version, bestBaseline }: Promotion): string {
  return bestBaseline === true ? `${version}/baseline` : version;
}

/** A version, or a path that ends in one: `<folder>/<kind>/<version>`, its manifest included. */
function placeOf(model: string, models: string): ModelPlace {
  const path = basename(model) === 'manifest.json' ? dirname(model) : model;
  const version = basename(path);
  const kind = kindOfVersion(version);
  if (kind === undefined)
    throw new TidemarkError(
      'USAGE',
      `${model} names no model`,
      'give a version like churn@1997-09-30-3f9c2a1b, as train prints it, or the folder of that name',
    );
  if (path === version) return { kind, version, folder: models };
  const parent = dirname(path);
  return { kind, version, folder: basename(parent) === kind ? dirname(parent) : parent };
}

/** In words. Throws `MODEL_INVALID` for a model that the running version cannot serve. */
function servesAs(stored: StoredModel, promotion: Pick<Promotion, 'forced' | 'bestBaseline'>): string {
  if (stored.kind === 'churn') return SERVED_WORDS[servedChurn(stored, promotion).serves];
  const { valueSegments, styles } = servedSegments(stored);
  const parts = [
    ...(valueSegments === undefined ? [] : ['value segments']),
    ...(styles === undefined ? [] : ['styles']),
  ];
  return parts.join(' and ') || 'nothing';
}

function servingInstead(kind: ModelKind, before: Promotion | undefined): string {
  if (before !== undefined) return `${before.version} stays in force`;
  return kind === 'churn'
    ? 'none is in force: the closed form of a published history goes on serving'
    : 'none is in force: nobody is in a segment';
}

function refused(version: string, reasons: readonly string[], instead: string): TidemarkError {
  return new TidemarkError(
    'MODEL_REFUSED',
    [`${version} did not pass its gate, and ${instead}`, ...reasons].join('\n'),
    "train a better one, let the best baseline serve with --baseline, or promote it against the gate's advice with --force",
  );
}

/** Models from before baselines were kept have the closed form alone, whatever was best. */
function demandBaseline(stored: StoredModel): void {
  const { plain, evaluation } = churnManifestOf(stored);
  const [best = 'mbgNbd'] = rankBaselines(evaluation[90].cohorts['all'] ?? {});
  if (plain !== undefined || best === 'mbgNbd') return;
  throw new TidemarkError(
    'MODEL_REFUSED',
    `the best baseline of ${stored.version} is ${SCORER_NAMES[best]}, which was not kept with models of its time`,
    'train it anew on the same history, and promote that one with --baseline',
  );
}

function onlyOfChurn(version: string): TidemarkError {
  return new TidemarkError('USAGE', `${version} is held against no baseline`, 'leave --baseline out');
}
