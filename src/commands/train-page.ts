import { createColors } from 'picocolors';
import type { ChurnManifest } from '../adapters/models/churn-manifest.ts';
import { dateOf, type Instant } from '../core/time.ts';
import { FIGURE_COLUMNS, FIGURE_LEGEND, figureRows } from './churn-figures.ts';
import { section, told } from './run-page.ts';
import { SERVED_WORDS } from './served-words.ts';
import { formatDuration, formatQuantity } from './terminal/numbers.ts';
import { printable } from './terminal/printable.ts';
import { renderTable, tableStyle } from './terminal/table.ts';
import type { World } from './world.ts';

export interface TrainAbout {
  readonly asOf: Instant;
  readonly durationMs: number;
  /** Where the candidate lies. */
  readonly path: string;
  /** What puts it in force, as it is typed. */
  readonly promote: string;
}

/** What was learnt from, how good it is beside plain baselines, whether it may serve, and what to do next. */
export function writeTrainPage(world: World, manifest: ChurnManifest, about: TrainAbout): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const { stdout: out } = world;
  const { data, network, gate, withoutNetwork } = manifest;
  const line = (text: string): void => out.write(`  ${printable(text)}\n`);
  const sentence = (text: string): void => told(world, '  ', printable(text));
  const title = `churn model of ${data.source}, as of ${dateOf(about.asOf)}`;
  out.write(`${bold(printable(title))} (${formatDuration(about.durationMs)})\n`);
  sentence(
    network === null
      ? `no network: ${withoutNetwork ?? ''}`
      : `learnt from ${formatQuantity(data.rows, 'row')} of ${formatQuantity(data.people, 'person', 'people')}, ${dateOf(about.asOf)} and before; best after ${formatQuantity(network.epochs, 'epoch')}`,
  );
  section(world, 'on what came after, beside the best of the plain baselines');
  const isShown = (_: unknown, column: number): boolean => FIGURE_COLUMNS[column]?.isShort === true;
  const rows = figureRows(manifest.evaluation).map((cells) => cells.filter(isShown));
  out.write(renderTable(FIGURE_COLUMNS.filter(isShown), rows, tableStyle(out)));
  out.write(`${dim(FIGURE_LEGEND)}\n`);
  section(world, `the gate: ${gate.passed ? 'passed' : 'refused'}`);
  gate.reasons.forEach(sentence);
  section(world, 'candidate');
  line(about.path);
  if (gate.passed) line(`to put it in force: ${about.promote}`);
  else {
    sentence('it is not in force, and promote will refuse it; what serves now goes on serving');
    line(
      `to let ${SERVED_WORDS[manifest.serves]} serve, fitted to this history: ${about.promote} --baseline`,
    );
    if (network !== null) line(`against the gate's advice: ${about.promote} --force`);
  }
}
