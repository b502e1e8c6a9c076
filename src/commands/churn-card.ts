import type { ChurnManifest } from '../adapters/models/churn-manifest.ts';
import { dateOf, type Instant } from '../core/time.ts';
import { FIGURE_COLUMNS, FIGURE_LEGEND, figureRows } from './churn-figures.ts';
import { SERVED_WORDS } from './served-words.ts';
import { formatCount, formatShare } from './terminal/numbers.ts';

/** The card of a churn model: what it is for, how good it is, what it must not be used for. Markdown. */
export function churnCard(manifest: ChurnManifest, asOf: Instant): string {
  const { purpose, interrupted, data, gate, evaluation, network } = manifest;
  const paragraphs = [
    `# Churn model as of ${dateOf(asOf)}`,
    purpose,
    ...(interrupted
      ? [
          '**Training was interrupted.** This is the best of what was complete; train it anew for a whole one.',
        ]
      : []),
    '## What it says',
    'The probability that a person with at least one completed order places none in the next 30 days, and in the ' +
      'next 90, that is not cancelled or given back in full.' +
      (network === null ? ` ${withoutNetwork(manifest)}` : ''),
    '## What it was made of',
    [
      `- ${data.source}, ${data.from.slice(0, 10)} to ${data.until.slice(0, 10)}, amounts in ${data.currency}`,
      `- ${formatCount(data.people)} people with an order up to the cut-off; ${formatCount(data.rows)} rows learnt from`,
      ...(network === null ? [] : [`- ${madeBy(network, manifest.seed)}`]),
      `- MBG/NBD in days: ${closedFormOf(manifest)}`,
    ].join('\n'),
    '## How good it is',
    'On the cut-off, of which nothing was learnt, beside the best of the plain baselines:',
    [
      `| ${FIGURE_COLUMNS.map(({ title }) => title).join(' | ')} |`,
      `|${' --- |'.repeat(FIGURE_COLUMNS.length)}`,
    ]
      .concat(figureRows(evaluation).map((cells) => `| ${cells.join(' | ')} |`))
      .join('\n'),
    FIGURE_LEGEND,
    regretOf(manifest),
    `The gate: **${gate.passed ? 'passed' : 'refused'}**.`,
    gate.reasons.map((reason) => `- ${reason}`).join('\n'),
    '## What it must not be used for',
    'For prices, credit, access or anything else that a person could be harmed by. For people of another shop: what ' +
      'they do may mean something else. As the effect of an offer: who is likely to leave is not who can be kept.',
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

function withoutNetwork({ withoutNetwork: why, serves }: ChurnManifest): string {
  return `It holds no network, because ${why ?? ''}: ${SERVED_WORDS[serves]} says both, from orders alone.`;
}

function madeBy(
  { backend, library, epochs, settings }: NonNullable<ChurnManifest['network']>,
  seed: number,
): string {
  const { learningRate, l2, batchRows } = settings;
  return (
    `${library} on ${backend}, seed ${seed}, ${epochs} epochs; ` +
    `step ${learningRate}, ridge ${l2}, ${batchRows} rows a batch`
  );
}

function closedFormOf({ closedForm: { r, alpha, a, b } }: ChurnManifest): string {
  return Object.entries({ r, alpha, a, b })
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(', ');
}

function regretOf({ evaluation }: ChurnManifest): string {
  const { regret } = evaluation[90];
  if (regret === null) return '';
  return `Of those called churned after 90 days, ${formatShare(regret.share)} ordered again within 180.`;
}
