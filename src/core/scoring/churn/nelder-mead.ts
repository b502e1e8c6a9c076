export interface SimplexOptions {
  /** How far the first simplex reaches from the start, along every axis. */
  readonly step: number;
  /** Done when no corner is farther than this from the best one, along any axis … */
  readonly pointTolerance: number;
  /** … and none is worse than it by more than this. */
  readonly valueTolerance: number;
  /** A soft limit: the step begun is finished. */
  readonly mostEvaluations: number;
}

export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  /** Whether the tolerances were met before the evaluations ran out. */
  readonly converged: boolean;
}

interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

/**
 * A local minimum of `objective` without derivatives: the simplex method of Nelder & Mead (1965) with its usual
 * coefficients 1, 2, ½, ½, as Lagarias et al. (1998) state it. Deterministic. NaN counts as Infinity, which is how
 * an objective forbids a region; at `start` it must be finite. Meant for a handful of dimensions.
 */
export function nelderMead(
  objective: (point: readonly number[]) => number,
  start: readonly number[],
  options: SimplexOptions,
): Minimum {
  let evaluations = 0;
  const at = (point: readonly number[]): Corner => {
    evaluations++;
    const value = objective(point);
    return { point, value: Number.isNaN(value) ? Infinity : value };
  };
  const moved = start.map((_, axis) => start.map((x, i) => (i === axis ? x + options.step : x)));
  let [best, ...others] = byValue([start, ...moved].map(at)) as [Corner, ...Corner[]];
  const isDone = (): boolean =>
    others.every(
      ({ point, value }) =>
        value - best.value <= options.valueTolerance &&
        point.every((x, i) => Math.abs(x - (best.point[i] ?? NaN)) <= options.pointTolerance),
    );

  let converged = isDone();
  while (!converged && evaluations < options.mostEvaluations) {
    const worst = others.at(-1) ?? best;
    const kept = [best, ...others.slice(0, -1)];
    const secondWorst = kept.at(-1) ?? best;
    const centre = start.map(
      (_, i) => kept.reduce((sum, { point }) => sum + (point[i] ?? NaN), 0) / kept.length,
    );
    const along = (distance: number): Corner =>
      at(centre.map((c, i) => c + distance * (c - (worst.point[i] ?? NaN))));

    const reflected = along(1);
    let next: Corner | undefined = reflected;
    if (reflected.value < best.value) {
      const expanded = along(2);
      if (expanded.value < reflected.value) next = expanded;
    } else if (reflected.value >= secondWorst.value) {
      const outside = reflected.value < worst.value;
      const contracted = along(outside ? 0.5 : -0.5);
      const limit = outside ? reflected.value : worst.value;
      next = contracted.value < limit || (outside && contracted.value === limit) ? contracted : undefined;
    }
    const { point: anchor } = best;
    const corners =
      next !== undefined
        ? [...kept, next]
        : [best, ...others.map(({ point }) => at(point.map((x, i) => ((anchor[i] ?? NaN) + x) / 2)))];
    [best, ...others] = byValue(corners) as [Corner, ...Corner[]];
    converged = isDone();
  }
  return { point: best.point, value: best.value, evaluations, converged };
}

/** Stable, so that among equals the older corner comes first. */
function byValue(corners: readonly Corner[]): Corner[] {
  return corners.toSorted((a, b) => (a.value === b.value ? 0 : a.value - b.value));
}
