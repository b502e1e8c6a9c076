import { basename, join } from 'node:path';
import * as z from 'zod';
import { kmeansClustering } from '../adapters/kmeans/kmeans-clustering.ts';
import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { inForce } from '../adapters/models/read-served-models.ts';
import { servedSegments } from '../adapters/models/served-segments.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { DAY_MS, NEVER, earliest, instant, isoOf, plus } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { ModelRegistry, ModelToSave } from '../ports/model-registry.ts';
import {
  trainSegments as train,
  type SegmentTraining,
  type TrainedSegments,
} from '../runtime/training/train-segments.ts';
import { demandFolderPlace } from './demand-places.ts';
import { openHistoryOf } from './history-options.ts';
import { interrupted } from './interrupted.ts';
import { segmentCard, type SegmentCardAbout } from './segment-card.ts';
import { writeSegmentPage } from './segment-page.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { startProgress } from './terminal/progress.ts';
import type { TrainFlags } from './train-options.ts';
import type { World } from './world.ts';

/**
 * `train --kind segments`: a candidate of both kinds of segments in the registry, and what is to be known of it. It
 * goes on from the segments in force, where there are any.
 */
export async function trainSegments(flags: TrainFlags, world: World): Promise<void> {
  await demandFolderPlace(`--out ${flags.out}`, join(flags.out, 'segments'));
  const startedAt = world.wallClock();
  const registry = new FolderModelRegistry(flags.out);
  const { currency, rates } = await loadPolicy(flags.policy ?? defaultPolicyPath());
  const until = earliest(flags.asOf ?? NEVER, flags.until ?? NEVER);
  const source = await openHistoryOf({ ...flags, until }, world, () => undefined);
  for (const note of source.notes) world.stderr.write(`note: ${note}\n`);
  const present = await segmentsInForce(registry);
  const progress = startProgress(world, { label: 'train', unit: 'records' });
  const trained = await train({
    source,
    store: new MemoryStateStore(1, []),
    money: { currency, rates },
    ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }),
    seed: flags.seed,
    clustering: kmeansClustering,
    signal: world.signal,
    onProgress: (done) => {
      progress.report({ done, note: 'read' });
    },
    ...(present === undefined ? {} : { inForce: present }),
  })
    .catch((error: unknown) => {
      throw world.signal.aborted && !(error instanceof TidemarkError) ? interrupted('while training') : error;
    })
    .finally(() => {
      progress.clear();
    });
  refuseLaterThanHistory(flags.input, trained);
  if (Object.keys(trained.models).length === 0) throw nobodyIn(flags, trained);
  const about = {
    source: `${flags.format} ${basename(flags.input)}`,
    asOf: trained.asOf,
    seed: flags.seed,
    currency,
    purpose: flags.purpose,
  };
  const { version, manifest } = await registry.save(candidateOf(trained, about));
  const durationMs = world.wallClock() - startedAt;
  if (flags.json === true) {
    writeJsonLine(world.stdout, { ...(manifest as object), seconds: durationMs / 1000 });
    return;
  }
  writeSegmentPage(world, trained, { ...about, version, durationMs });
}

/** Long after the last arrival everybody looks dormant, which says nothing of them. */
function refuseLaterThanHistory(input: string, { asOf, data }: TrainedSegments): void {
  if (data.people === 0 || asOf <= plus(data.lastAt, DAY_MS)) return;
  throw new TidemarkError(
    'USAGE',
    `${input} ends at ${isoOf(data.lastAt)}, before ${isoOf(asOf)}`,
    'give an --as-of within the history, or none for its end',
  );
}

/** The manifest says all that made the model, and nothing of when or where. */
function candidateOf(trained: TrainedSegments, about: SegmentCardAbout): ModelToSave {
  const { models, publish, data, outcomes } = trained;
  const { source, asOf, seed, currency, purpose } = about;
  const { firstAt, lastAt, ...counts } = data;
  return {
    kind: 'segments',
    asOf,
    manifest: {
      ...(purpose === undefined ? {} : { purpose }),
      models,
      publish,
      data: { source, from: isoOf(firstAt), until: isoOf(lastAt), ...counts, currency },
      seed,
      outcomes: outcomes.map(({ model, movement, ...outcome }) => ({
        ...outcome,
        inCandidate: model !== undefined && models[outcome.naming] === model,
        ...(movement === undefined ? {} : { movement: { ...movement, since: isoOf(movement.since) } }),
      })),
    },
    files: {},
    card: segmentCard(trained, about),
  };
}

const asOfSchema = z.object({ asOf: z.iso.datetime() });

async function segmentsInForce(registry: ModelRegistry): Promise<SegmentTraining['inForce']> {
  const present = await inForce(registry, 'segments');
  if (present === undefined) return undefined;
  const { valueSegments, styles } = servedSegments(present.stored);
  return {
    models: {
      ...(valueSegments === undefined ? {} : { value_segment: valueSegments }),
      ...(styles === undefined ? {} : { style: styles }),
    },
    asOf: instant(Date.parse(asOfSchema.parse(present.stored.manifest).asOf)),
  };
}

function nobodyIn({ input }: TrainFlags, { asOf, publish }: TrainedSegments): TidemarkError {
  return new TidemarkError(
    'USAGE',
    `no segments can be made of ${input} as of ${isoOf(asOf)}: ${publish.reasons.join(' ')}`,
    'give an --as-of that lies well within the history, or a history of more people',
  );
}
