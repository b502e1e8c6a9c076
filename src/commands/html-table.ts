import { escaped } from '../adapters/echarts/draw-chart.ts';

/** A table whose first column names the rows and whose others are figures; it scrolls by itself where it is too wide. */
export function htmlTable(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = titles.map((title) => `<th scope="col">${escaped(title)}</th>`).join('');
  const body = rows.map(([name = '', ...figures]) => {
    const cells = figures.map((text) => `<td>${escaped(text)}</td>`).join('');
    return `<tr><th scope="row">${escaped(name)}</th>${cells}</tr>\n`;
  });
  return (
    `<div class="scrolls" role="region" aria-label="${escaped(caption)}" tabindex="0"><table>` +
    `<caption>${escaped(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('')}</tbody></table></div>\n`
  );
}
