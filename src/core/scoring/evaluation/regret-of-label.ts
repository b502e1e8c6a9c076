import { DAY_MS, plus, type Instant } from '../../time.ts';

/** Who was called churned and came back, 180 days after the cut-off. */
export interface LabelRegret {
  /** People labelled 1: no order in (asOf, asOf + horizon]. */
  readonly churned: number;
  /** Those of them with an order in (asOf + horizon, asOf + 180 days]. */
  readonly cameBack: number;
  /** cameBack / churned. */
  readonly share: number;
}

const REGRET_DAYS = 180;

/**
 * How often the label is wrong in hindsight. `nextOrderAt` holds per labelled person the time of the first order
 * after `asOf` that counts for the label (completed, not later cancelled or refunded in full); NEVER if there is none in
 * the data. Null when the data, which reach to `observedUntil`, end before the 180 days do, when the horizon is not
 * shorter than they are, and when nobody churned.
 */
export function regretOfLabel(
  nextOrderAt: ArrayLike<number>,
  span: { readonly asOf: Instant; readonly horizonDays: number; readonly observedUntil: Instant },
): LabelRegret | null {
  const { asOf, horizonDays, observedUntil } = span;
  const labelledAt = plus(asOf, horizonDays * DAY_MS);
  const seenUntil = plus(asOf, REGRET_DAYS * DAY_MS);
  if (labelledAt >= seenUntil || observedUntil < seenUntil) return null;
  let churned = 0;
  let cameBack = 0;
  for (let i = 0; i < nextOrderAt.length; i++) {
    const at = nextOrderAt[i] ?? NaN;
    if (at <= labelledAt) continue;
    churned++;
    if (at <= seenUntil) cameBack++;
  }
  return churned === 0 ? null : { churned, cameBack, share: cameBack / churned };
}
