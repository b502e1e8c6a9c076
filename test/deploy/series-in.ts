import { parser } from '@prometheus-io/lezer-promql';

/** A selector of a PromQL expression. */
export interface SeriesAskedFor {
  readonly metric: string;
  /** Those in its braces, and those that what stands around it groups by. */
  readonly labels: readonly string[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What a PromQL expression reads, by Prometheus' own grammar. Grafana's `$__rate_interval` is taken for a duration.
 * Throws for what is no expression.
 */
export function seriesIn(expression: string): readonly SeriesAskedFor[] {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const textOf = ({ from, to }: Span) => text.slice(from, to);
  const selectors: Span[] = [];
  const names: Span[] = [];
  const labels: { readonly label: string; readonly of: Span }[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`);
      if (type.name === 'VectorSelector') selectors.push({ from, to });
      if (type.name === 'Identifier') names.push({ from, to });
      if (type.name !== 'LabelName') return;
      // A matcher and its braces, or a list and its `by`: what they are about is around those.
      const of = node.parent?.parent?.parent;
      if (of) labels.push({ label: textOf({ from, to }), of: { from: of.from, to: of.to } });
    },
  });
  const isIn = (inner: Span, outer: Span) => outer.from <= inner.from && inner.to <= outer.to;
  return selectors.map((selector) => ({
    metric: names
      .filter((name) => isIn(name, selector))
      .map(textOf)
      .join(),
    labels: labels.filter(({ of }) => isIn(selector, of)).map(({ label }) => label),
  }));
}
