import { basename, join } from 'node:path';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import { openBackend } from '../adapters/tensorflow/open-backend.ts';
import { DAY_MS, dateOf, instant, isoOf, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { HORIZON_DAYS } from '../ports/churn-network.ts';
import { readChurnHistory, type Horizon } from '../runtime/training/churn-history.ts';
import { evaluateChurn } from '../runtime/training/evaluate-churn.ts';
import { churnCandidate } from './churn-candidate.ts';
import { withReference } from './churn-reference.ts';
import { readForTraining, refuseUnanswerable, trainOn } from './churn-training.ts';
import { demandFilePlaces, demandFolderPlace } from './demand-places.ts';
import { openHistoryOf } from './history-options.ts';
import { interrupted } from './interrupted.ts';
import { keepApart } from './keep-apart.ts';
import { readBackChurn } from './read-back-churn.ts';
import { quoted } from './run-page.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { startProgress, type Progress } from './terminal/progress.ts';
import { DEFAULT_MODELS, type TrainFlags } from './train-options.ts';
import { writeTrainingRows } from './training-rows-file.ts';
import { writeTrainPage } from './train-page.ts';
import { WatchedSpan } from './watched-span.ts';
import type { World } from './world.ts';

const LONGEST_DAYS = Math.max(...HORIZON_DAYS) as Horizon;
const PURPOSE =
  'Says who of the people of this history, or of a later one of the same shop, will not order again.';

/** `train --kind churn`: the candidate that is stored is the one that was judged. */
export async function trainChurn(flags: TrainFlags, world: World): Promise<void> {
  const outputs = { '--rows': flags.rows };
  await keepApart(flags.input, outputs);
  await demandFilePlaces(outputs);
  await demandFolderPlace(`--out ${flags.out}`, join(flags.out, 'churn'));
  await openBackend(flags.backend);
  const startedAt = world.wallClock();
  const progress = startProgress(world, { label: 'train', unit: 'records' });
  try {
    const candidate = await makeCandidate(flags, world, progress);
    const { asOf, manifest } = candidate;
    const { version } = await new FolderModelRegistry(flags.out).save(candidate);
    progress.clear();
    const path = join(flags.out, 'churn', version);
    const durationMs = world.wallClock() - startedAt;
    if (flags.json === true) {
      const { gate, serves, data, seed, evaluation, withoutNetwork } = manifest;
      const about = { kind: 'churn', version, path, asOf: isoOf(asOf), interrupted: manifest.interrupted };
      const seconds = durationMs / 1000;
      writeJsonLine(world.stdout, {
        ...about,
        gate,
        serves,
        withoutNetwork,
        data,
        seed,
        evaluation,
        seconds,
      });
    } else {
      const models = flags.out === DEFAULT_MODELS ? '' : ` --models ${quoted(flags.out)}`;
      const promote = `${world.invocation} promote ${version}${models}`;
      writeTrainPage(world, manifest, { asOf, durationMs, path, promote });
    }
    if (manifest.interrupted)
      throw interrupted(
        `while training; the best of what was complete is kept in ${path}`,
        'run the same command again for a model that was trained to the end',
      );
  } finally {
    progress.clear();
  }
}

async function makeCandidate(flags: TrainFlags, world: World, progress: Progress) {
  const { backend, format, input, seed, purpose = PURPOSE } = flags;
  const { currency, rates } = await loadPolicy(flags.policy ?? defaultPolicyPath());
  const opened = await openHistoryOf(flags, world, () => undefined);
  for (const note of opened.notes) world.stderr.write(`note: ${note}\n`);
  const source = new WatchedSpan(opened);
  const asOf = flags.asOf ?? (await latestCutOff(source, input, world));
  const wanted = { source, money: { currency, rates }, asOf };
  const history = await readForTraining(wanted, readChurnHistory, world, progress);
  refuseUnanswerable(history, { input, horizon: LONGEST_DAYS });
  if (flags.rows !== undefined) await writeTrainingRows(flags.rows, history);
  const model = await trainOn(history, flags, world, progress);
  progress.report({ done: history.rows.rows, note: 'rows; judging' });
  const load = (stored: Parameters<typeof loadChurnNetwork>[1]) => loadChurnNetwork(backend, stored);
  const judge = async (horizon: Horizon) => {
    return (await evaluateChurn(history, horizon, model, { load, readBack: readBackChurn, seed })).evaluation;
  };
  const candidate = churnCandidate({
    ...{ history, model, seed, purpose, currency },
    evaluation: { 30: await judge(30), 90: await judge(90) },
    source: `${format} ${basename(input)}`,
    firstAt: source.firstAt,
  });
  return withReference(candidate, history, load);
}

/** The end of the last day after which the whole of the longest horizon is known. Reads the history once. */
async function latestCutOff(source: WatchedSpan, input: string, world: World): Promise<Instant> {
  await source.readWhole(world.signal);
  const { firstAt, lastAt } = source;
  const cutOff = instant((Math.floor((lastAt + 1) / DAY_MS) - LONGEST_DAYS) * DAY_MS - 1);
  if (cutOff > firstAt) return cutOff;
  throw new TidemarkError(
    'USAGE',
    `${input} reaches from ${dateOf(firstAt)} to ${dateOf(lastAt)}: ${LONGEST_DAYS} days to judge by leave nothing to learn from`,
    'give a longer history',
  );
}
