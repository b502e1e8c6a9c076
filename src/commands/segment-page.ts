import { createColors } from 'picocolors';
import { dateOf } from '../core/time.ts';
import type { SegmentOutcome, TrainedSegments } from '../runtime/training/train-segments.ts';
import { section } from './run-page.ts';
import type { SegmentCardAbout } from './segment-card.ts';
import { KIND_WORDS, NAME_WORDS, ROLE_WORDS, placeWords, typicalWords } from './segment-words.ts';
import { formatCount, formatDuration, formatShare } from './terminal/numbers.ts';
import { printable } from './terminal/printable.ts';
import { renderTable, tableStyle } from './terminal/table.ts';
import type { World } from './world.ts';

export interface SegmentPageAbout extends SegmentCardAbout {
  /** Of the candidate. */
  readonly version: string;
  readonly durationMs: number;
}

/** The segments that were found, what is typical of each, and whether they may go into force. */
export function writeSegmentPage(world: World, trained: TrainedSegments, about: SegmentPageAbout): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const { data, publish, outcomes } = trained;
  const out = world.stdout;
  out.write(
    `${bold(printable(`segments of ${about.source}, as of ${dateOf(about.asOf)}`))}: ` +
      `${formatCount(data.people)} people, ${formatCount(data.records)} records read (${formatDuration(about.durationMs)})\n`,
  );
  for (const outcome of outcomes) writeKind(world, outcome, trained, about.currency);
  section(world, publish.passed ? 'may go into force' : 'should not go into force');
  for (const reason of publish.reasons) out.write(`  ${printable(reason)}\n`);
  out.write(`\nsaved as ${bold(about.version)}\n`);
  out.write(dim('Numbers of a group are medians of its people; card.md says what each is.\n'));
}

function writeKind(world: World, outcome: SegmentOutcome, trained: TrainedSegments, currency: string): void {
  const { dim } = createColors(world.stdout.colours);
  const { naming, model, profiles, evidence, movement } = outcome;
  const out = world.stdout;
  section(world, `${KIND_WORDS[naming]} (${placeWords(outcome, trained)})`);
  if (model === undefined) return;
  const columns = [
    { title: 'name', numeric: false },
    { title: 'share', numeric: true },
    ...model.inputs.map(({ role }) => ({ title: ROLE_WORDS[role], numeric: true })),
  ];
  const rows = profiles.map(({ name, share, typical }) => [
    name,
    formatShare(share),
    ...model.inputs.map((input, column) => typicalWords(input, typical[column], currency)),
  ]);
  out.write(renderTable(columns, rows, tableStyle(out)));
  const meanings = model.inputs.map(({ feature, role }) => `${ROLE_WORDS[role]}: ${feature}`).join(', ');
  out.write(dim(`  ${meanings}\n`));
  for (const name of new Set(profiles.map((profile) => profile.name)))
    out.write(`  ${name}: ${NAME_WORDS[naming][name] ?? ''}\n`);
  const { silhouette, people: placed } = model.metrics;
  out.write(
    evidence === undefined
      ? `  ${formatCount(placed)} people with a segment, silhouette ${silhouette.toFixed(3)}\n`
      : `  ${formatCount(placed)} people with a segment, silhouette ${evidence.silhouetteBefore.toFixed(3)} before, ${silhouette.toFixed(3)} now\n`,
  );
  if (movement === undefined) return;
  const { people, byMover, since } = movement;
  const { nobody, person, centroids, both, together } = byMover;
  out.write(
    `  labels that change since ${dateOf(since)}: ${formatShare(1 - nobody / people)} of ${formatCount(people)} people ` +
      `(${formatCount(person)} moved themselves, ${formatCount(centroids)} the centres did, ` +
      `${formatCount(both)} either, ${formatCount(together)} both together)\n`,
  );
}
