import { describe, expect, it } from 'vitest';
import { drawChart, escaped, type Chart } from '../../../src/adapters/echarts/draw-chart.ts';

const CHART: Chart = {
  title: 'A < B & "C"',
  width: 400,
  height: 300,
  x: { title: 'across', from: 0, to: 1 },
  y: { title: 'up', from: 0, to: 1 },
  series: [
    {
      name: 'model',
      colour: 'var(--model)',
      kind: 'line',
      points: [
        [0, 0],
        [0.5, 1],
        [1, 1],
      ],
    },
    {
      name: 'a coin',
      colour: 'var(--dim)',
      kind: 'line',
      dashed: true,
      points: [
        [0, 0],
        [1, 1],
      ],
    },
  ],
};

describe('a chart', () => {
  it('is one SVG element with a name, of no fixed size, that needs no script, style or id', () => {
    const svg = drawChart(CHART);
    expect(svg).toMatch(
      /^<svg role="img" aria-label="A &lt; B &amp; &quot;C&quot;"[^>]* viewBox="0 0 400 300"[^>]*><title>A &lt; B &amp; &quot;C&quot;<\/title>/,
    );
    expect(svg.trimEnd()).toMatch(/<\/svg>$/);
    expect(svg).not.toMatch(/<script|<style|class=| id=|url\(|href=/);
  });

  it('keeps the colours of the page and every point', () => {
    const svg = drawChart(CHART);
    for (const text of ['across', 'up', 'model', 'a coin'])
      expect(svg).toMatch(new RegExp(`>${text}\\s*</text>`));
    const path = /<path d="(M[^"]+)"[^>]*stroke="var\(--model\)"/.exec(svg)?.[1] ?? '';
    const xs = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(xs).toHaveLength(3);
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = xs;
    expect(x1).toBeCloseTo((x0 + x2) / 2, 0);
    expect([y1 < y0, y2]).toEqual([true, y1]);
    expect(svg).toMatch(/stroke="var\(--dim\)"[^>]*stroke-dasharray/);
  });

  it('is the same text each time', () => {
    expect(drawChart(CHART)).toBe(drawChart(CHART));
  });

  it('draws bars of one stack on each other', () => {
    const bars = (name: string, count: number) =>
      ({
        name,
        colour: `var(--${name})`,
        kind: 'bars',
        stack: 'people',
        points: [
          [0, count],
          [1, count],
        ],
      }) as const;
    const svg = drawChart({
      ...CHART,
      x: { title: 'bin', names: ['0', '1'] },
      y: { title: 'people' },
      series: [bars('churned', 3), bars('stayed', 1)],
    });
    for (const name of ['churned', 'stayed'])
      expect(
        svg.match(new RegExp(`<path d="M[^"]+Z"[^>]*fill="var\\(--${name}\\)"`, 'g'))?.length,
      ).toBeGreaterThanOrEqual(2);
  });
});

describe('text in markup', () => {
  it('is escaped', () => {
    expect(escaped('<a href="x">&amp;</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;');
  });
});
