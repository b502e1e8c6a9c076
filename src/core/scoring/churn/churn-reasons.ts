import { CHURN_INPUTS, type ChurnFamily, type ChurnInput } from './churn-inputs.ts';

/** Why somebody's risk is what it is, as far as one family of inputs goes. */
export interface ChurnReason {
  readonly family: ChurnFamily;
  /** Of the total absolute change, {@link LEAST_SHARE} to 1. */
  readonly share: number;
  /**
   * What the family adds to the network's own logit of churning within 90 days, before calibration: not the change of
   * the score that serves. Below 0 it speaks for staying.
   */
  readonly logitChange: number;
  /** The person's own numbers: "last order 62 days ago (2026-01-28); usually an order every 21 days". */
  readonly words: string;
}

/** What a reason says of an input. */
type ToldInput = Pick<ChurnInput, 'family' | 'features'>;

/** One feature of the person in words. */
export type SayFeature = (feature: string) => string;

/** Below this share of the total absolute change a family is no reason. */
export const LEAST_SHARE = 0.05;
export const MOST_REASONS = 4;
/** Features that one reason is told with. */
const MOST_FEATURES = 2;

/**
 * Why a person's logit differs from the typical one, from what each input contributed to the difference (in the
 * order of {@link CHURN_INPUTS}) and the `residual` that the contributions do not explain. Families are judged by
 * their sums. The total absolute change is that of all families and of the residual, so shares of everything add
 * up to 1 and a poor attribution makes every reason smaller, not surer. Of the families that hold
 * {@link LEAST_SHARE} of it the {@link MOST_REASONS} largest are given, what raises the risk most first, what
 * lowers it most last. Nobody who is like the typical person in everything has a reason. Of the inputs named in
 * `ofOrders` the history that was learnt from knew nothing but orders: they are told as such.
 */
export function churnReasons(
  contributions: ArrayLike<number>,
  residual: number,
  say: SayFeature,
  ofOrders: ReadonlySet<string>,
): ChurnReason[] {
  const families = new Map<ChurnFamily, { logitChange: number; inputs: [ToldInput, number][] }>();
  CHURN_INPUTS.forEach((input, column) => {
    const contribution = contributions[column] ?? NaN;
    const told = ofOrders.has(input.name) ? (input.ofOrders ?? input) : withoutDenominators(input);
    const family = families.get(told.family) ?? { logitChange: 0, inputs: [] };
    families.set(told.family, family);
    family.logitChange += contribution;
    family.inputs.push([told, contribution]);
  });
  let total = Math.abs(residual);
  for (const { logitChange } of families.values()) total += Math.abs(logitChange);
  return [...families]
    .map(([family, { logitChange, inputs }]) => {
      const share = Math.abs(logitChange) / total;
      return { family, share, logitChange, inputs };
    })
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_REASONS)
    .sort((a, b) => b.logitChange - a.logitChange)
    .map(({ inputs, ...reason }) => ({
      ...reason,
      words: featuresToTell(inputs, reason.logitChange).map(say).join('; '),
    }));
}

/** The words with which way they pull: in a list of causes, what speaks for somebody would be taken for the trouble. */
export function reasonInWords({ logitChange, words }: Pick<ChurnReason, 'logitChange' | 'words'>): string {
  return `${logitChange < 0 ? 'risk lowered by' : 'risk raised by'} ${words}`;
}

/** Of the inputs that pull the family its way, the strongest first; where these have no features, of the others. */
function featuresToTell(inputs: readonly [ToldInput, number][], logitChange: number): string[] {
  const strength = ([, contribution]: readonly [ToldInput, number]): number =>
    contribution * Math.sign(logitChange);
  const strongestFirst = inputs.toSorted((a, b) => strength(b) - strength(a));
  const pulling = featuresOf(strongestFirst.filter((input) => strength(input) > 0));
  return (pulling.length > 0 ? pulling : featuresOf(strongestFirst)).slice(0, MOST_FEATURES);
}

function featuresOf(inputs: readonly (readonly [ToldInput, number])[]): string[] {
  return [...new Set(inputs.flatMap(([{ features }]) => features))];
}

function withoutDenominators({ family, features }: ChurnInput): ToldInput {
  return { family, features: features.filter((feature) => !UNTOLD.has(feature)) };
}

/** Denominators: they say nothing on their own. */
const UNTOLD: ReadonlySet<string> = new Set(['orders_365d']);
