import { ACT_FEATURES } from '../../core/features/act-features.ts';
import type { Feature } from '../../core/features/feature.ts';
import { PERSON_FEATURES } from '../../core/features/person-features.ts';
import { SCORE_FEATURES } from '../../core/features/score-features.ts';
import { TRADE_FEATURES } from '../../core/features/trade-features.ts';

const INTRODUCTION = `# Features

What conditions and scores of a policy can name. The windows end at the instant of asking: \`orders_30d\` counts the
last 30 days to the millisecond. A feature without an answer (days since the last order of somebody who never
ordered) has no value, and no condition on it holds. Money is in the policy's reporting currency, in major units.
`;

/** The catalogue as a page for operators: name, unit and meaning of every feature. Formatted as Prettier would. */
export function featuresMarkdown(): string {
  const sections: readonly (readonly [string, readonly Feature[]])[] = [
    ['Orders and sales', TRADE_FEATURES],
    ['Presence, disputes, listings and shares', PERSON_FEATURES],
    ['Acts', ACT_FEATURES],
    ['What models say', SCORE_FEATURES],
  ];
  return [INTRODUCTION, ...sections.map(([title, features]) => `## ${title}\n\n${table(features)}\n`)].join(
    '\n',
  );
}

function table(features: readonly Feature[]): string {
  const rows = features.map(({ name, unit, about }) => [`\`${name}\``, unit, about]);
  const all = [['name', 'unit', 'about'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - [...cell].length)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const [head = [], ...body] = all;
  return [line(head), rule, ...body.map(line)].join('\n');
}
