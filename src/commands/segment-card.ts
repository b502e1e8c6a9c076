import { featureNamed } from '../core/features/catalogue.ts';
import type { Instant } from '../core/time.ts';
import { dateOf } from '../core/time.ts';
import type { SegmentOutcome, TrainedSegments } from '../runtime/training/train-segments.ts';
import { KIND_WORDS, NAME_WORDS, placeWords, typicalWords } from './segment-words.ts';
import { formatCount, formatShare } from './terminal/numbers.ts';

export interface SegmentCardAbout {
  readonly source: string;
  readonly asOf: Instant;
  readonly seed: number;
  readonly currency: string;
  /** In the words of whoever trained it. */
  readonly purpose: string | undefined;
}

/** What a candidate is, for the people who decide whether it goes into force. Markdown. */
export function segmentCard(trained: TrainedSegments, about: SegmentCardAbout): string {
  const { data, publish, outcomes } = trained;
  return [
    '# Segments of people',
    '',
    ...(about.purpose === undefined ? [] : [about.purpose, '']),
    `Made from ${about.source} as it was known on ${dateOf(about.asOf)}: ${formatCount(data.records)} records read, ` +
      `${formatCount(data.people)} people, ${dateOf(data.firstAt)} to ${dateOf(data.lastAt)}; seed ${about.seed}.`,
    '',
    'For speaking to groups of people alike, and for seeing how these groups grow and shrink. Not for deciding what one ' +
      'person may have or must pay: somebody near a border could as well be on its other side.',
    '',
    `**${publish.passed ? 'May go into force.' : 'Should not go into force.'}**`,
    '',
    ...publish.reasons.map((reason) => `- ${reason}`),
    '',
    ...outcomes.flatMap((outcome) => kindLines(outcome, trained, about)),
    '## How it works',
    '',
    'Each number is taken as its logarithm and measured in standard deviations from the mean of everybody; k-means finds ' +
      'the centres. The number of groups is the one that resamples of the people find again, and of those the one that ' +
      'parts people best. A name is read off where a centre stands, never off its place in the list, so the same centres ' +
      'have the same names whatever their order; several may share one. People go to the nearest centre, and leave a name ' +
      'only for another that is nearer by a quarter.',
    '',
  ].join('\n');
}

function kindLines(
  outcome: SegmentOutcome,
  trained: TrainedSegments,
  { currency }: SegmentCardAbout,
): string[] {
  const { naming, model, profiles, evidence } = outcome;
  const heading = [`## ${KIND_WORDS[naming]}`, '', `In this candidate: ${placeWords(outcome, trained)}.`, ''];
  if (model === undefined) return heading;
  const titles = ['name', 'people', ...model.inputs.map(({ feature }) => feature)];
  const { people, silhouette, choice } = model.metrics;
  return [
    ...heading,
    `${formatCount(people)} people in ${model.centroids.length} groups, silhouette ${silhouette.toFixed(3)}. ` +
      'Typical (median) numbers of each:',
    '',
    tableLine(titles),
    tableLine(titles.map(() => '---')),
    ...profiles.map(({ name, share, typical }) =>
      tableLine([
        name,
        formatShare(share),
        ...model.inputs.map((input, column) => typicalWords(input, typical[column], currency)),
      ]),
    ),
    '',
    ...model.inputs.map(({ feature }) => `- \`${feature}\`: ${featureNamed(feature)?.about ?? ''}`),
    '',
    ...[...new Set(profiles.map(({ name }) => name))].map(
      (name) => `- **${name}**: ${NAME_WORDS[naming][name] ?? ''}`,
    ),
    '',
    ...(evidence === undefined
      ? [
          'Numbers of groups that were tried:',
          '',
          tableLine(['groups', 'agreement', 'least Jaccard', 'smallest share', 'silhouette', 'stable']),
          tableLine(['---', '---', '---', '---', '---', '---']),
          ...choice.trials.map((trial) =>
            tableLine([
              String(trial.clusters),
              ...[trial.agreement, trial.jaccard, trial.share, trial.silhouette].map((one) => one.toFixed(3)),
              trial.isStable ? 'yes' : 'no',
            ]),
          ),
          '',
        ]
      : []),
    ...movementLines(outcome),
  ];
}

function movementLines({ movement }: SegmentOutcome): string[] {
  if (movement === undefined) return [];
  const { people, byMover, since } = movement;
  const share = (count: number): string => formatShare(count / people);
  const { nobody, person, centroids, both, together } = byMover;
  return [
    `Since ${dateOf(since)}, of ${formatCount(people)} people: ${share(nobody)} would keep their name; ` +
      `${share(person)} moved themselves, for ${share(centroids)} only the centres did, for ${share(both)} ` +
      `either alone would have changed it, and for ${share(together)} it took both together.`,
    '',
  ];
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
