import { BarChart, LineChart, type BarSeriesOption, type LineSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

/** A number axis, or one of names when `names` are given. */
export interface ChartAxis {
  readonly title: string;
  readonly names?: readonly string[];
  readonly from?: number;
  readonly to?: number;
}

export interface ChartSeries {
  readonly name: string;
  /** Any CSS colour, `var(--…)` too. */
  readonly colour: string;
  readonly kind: 'line' | 'dots' | 'bars';
  readonly dashed?: boolean;
  /** Bars of one stack stand on each other. */
  readonly stack?: string;
  /** x, y; on an axis of names x is the place of the name. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Chart {
  /** What a reader who does not see it is told. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly ChartSeries[];
}

/** Colours that the page defines, so that one drawing serves in the light and in the dark. */
const INK = 'var(--ink)';
const DIM = 'var(--dim)';
const RULE = 'var(--rule)';
/** Widths of letters are guessed without a page: the spaces forgive a font that is wider than the guess. */
const LEGEND = {
  ...{ bottom: 0, itemWidth: 20, itemHeight: 9, itemGap: 8 },
  formatter: '{name}\u00a0\u00a0\u00a0\u00a0',
  textStyle: { color: INK, fontSize: 12 },
};

/**
 * A chart as an SVG element that needs no script: it takes the width of its place and its colours from the page's
 * `--ink`, `--dim` and `--rule`. The same chart gives the same text.
 */
export function drawChart({ title, width, height, x, y, series }: Chart): string {
  use([LineChart, BarChart, GridComponent, LegendComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    const rows = series.length > 1 ? Math.ceil(series.length / Math.max(1, Math.floor(width / 140))) : 0;
    const legend = rows * 24;
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'inherit', color: INK },
      ...(rows === 0 ? {} : { legend: LEGEND }),
      grid: { left: 52, right: 16, top: 14, bottom: 46 + legend },
      xAxis: axisOption(x, 28),
      yAxis: axisOption(y, 38),
      series: series.map(seriesOption),
    });
    return titled(chart.renderToSVGString(), title);
  } finally {
    chart.dispose();
  }
}

function axisOption({ title, names, from, to }: ChartAxis, nameGap: number) {
  return {
    ...(names === undefined ? { type: 'value' as const } : { type: 'category' as const, data: [...names] }),
    ...(from === undefined ? {} : { min: from }),
    ...(to === undefined ? {} : { max: to }),
    name: title,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: { color: DIM, fontSize: 12 },
    axisLabel: { color: DIM, fontSize: 11 },
    axisLine: { lineStyle: { color: RULE } },
    axisTick: { lineStyle: { color: RULE } },
    splitLine: { lineStyle: { color: RULE } },
  };
}

function seriesOption({
  name,
  colour,
  kind,
  dashed = false,
  stack,
  points,
}: ChartSeries): LineSeriesOption | BarSeriesOption {
  const shared = {
    name,
    data: points.map((point) => [...point]),
    itemStyle: { color: colour },
    silent: true,
  };
  if (kind === 'bars')
    return {
      ...shared,
      type: 'bar',
      barCategoryGap: '12%',
      ...(stack === undefined ? {} : { stack }),
    };
  return {
    ...shared,
    type: 'line',
    showSymbol: kind === 'dots',
    symbol: kind === 'dots' ? 'circle' : 'none',
    symbolSize: 6,
    lineStyle: { color: colour, width: 1.8, type: dashed ? 'dashed' : 'solid' },
  };
}

/**
 * Names the drawing, frees it from its size in pixels, and drops what only a script would use, and the clip paths:
 * nothing lies beyond the axes, and two drawings of one page must not share an id.
 */
function titled(svg: string, title: string): string {
  const name = escaped(title);
  return svg
    .replace(/^<svg width="\d+" height="\d+"/, `<svg role="img" aria-label="${name}"`)
    .replace(/^(<svg[^>]*>)/, `$1<title>${name}</title>`)
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replaceAll(/<style[^>]*>[^]*?<\/style>/g, '')
    .replaceAll(/<clipPath[^>]*>[^]*?<\/clipPath>\s*/g, '')
    .replaceAll(/ clip-path="[^"]*"/g, '')
    .replaceAll(' pointer-events="visible"', '');
}

export function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => named[character] ?? character);
}
