import { completeOptions, type CompleteOptions, type MarketplaceOptions } from './marketplace-options.ts';
import { TRAITS, traitsOf, TYPE_CODE, type Traits } from './person-types.ts';
import { LEAVE_CODE, planComings, planDepartures } from './plans.ts';
import { Prng } from './prng.ts';
import { NO_SLICE, SLICES_PER_DAY } from './slices.ts';
import { tieAccounts, TIE } from './ties.ts';

/** Small lasting differences between people of one type, as bits of {@link Population.habits}. */
export const HABIT = {
  checksIn: 1,
  curiousAboutSelling: 2,
  followsTrends: 4,
  sociable: 8,
  answersSlowly: 16,
  wasReferred: 32,
} as const;

const HABIT_SHARES: Readonly<Record<keyof typeof HABIT, number>> = {
  checksIn: 0.2,
  curiousAboutSelling: 0.12,
  followsTrends: 0.15,
  sociable: 0.06,
  answersSlowly: 0.2,
  wasReferred: 0.35,
};

/** What somebody looks at first when two items compete. */
export const ATTITUDE = { cheapest: 0, balanced: 1, dearest: 2 } as const;
const ATTITUDE_SHARES = [0.32, 0.45, 0.23];

/** How long before leaving bad after-sales show, and that listings do not sell: selling is the slower trade. */
const EMBITTERED_SLICES = 56 * SLICES_PER_DAY;
const UNSOLD_SLICES = 84 * SLICES_PER_DAY;
const FADING_SLICES = 42 * SLICES_PER_DAY;
const FAINTEST = 0.06;
const LIVELIEST = 60;

/**
 * Everything fixed about everybody, 34 bytes an account in columns of typed arrays. Made from the options
 * alone, before anything happens, so that the side file of truth needs no run.
 */
export class Population {
  readonly options: CompleteOptions;
  readonly size: number;
  readonly slices: number;
  readonly typeCode: Uint8Array;
  /** How much livelier than the type: median 1, a few people fifty times. */
  readonly activity: Float32Array;
  /** Personal factor on what the type likes to pay. */
  readonly purse: Float32Array;
  readonly habits: Uint8Array;
  readonly attitude: Uint8Array;
  readonly favourite: Uint8Array;
  /** 0 for those who were there before the run. */
  readonly joinsAt: Int32Array;
  /** The first slice without them; for a second account, that of its merging into the first. */
  readonly leavesAt: Int32Array;
  readonly leaveCode: Uint8Array;
  readonly pausesAt: Int32Array;
  readonly returnsAt: Int32Array;
  readonly tie: Uint8Array;
  /** The account this one is tied to; meaningless without a tie. */
  readonly partner: Int32Array;
  private readonly numberFactor: number;
  private readonly numberShift: number;

  constructor(options: MarketplaceOptions) {
    this.options = completeOptions(options);
    const size = (this.size = this.options.people);
    this.slices = this.options.days * SLICES_PER_DAY;
    this.typeCode = new Uint8Array(size);
    this.activity = new Float32Array(size);
    this.purse = new Float32Array(size);
    this.habits = new Uint8Array(size);
    this.attitude = new Uint8Array(size);
    this.favourite = new Uint8Array(size);
    this.joinsAt = new Int32Array(size);
    this.leavesAt = new Int32Array(size).fill(NO_SLICE);
    this.leaveCode = new Uint8Array(size);
    this.pausesAt = new Int32Array(size).fill(NO_SLICE);
    this.returnsAt = new Int32Array(size).fill(NO_SLICE);
    this.tie = new Uint8Array(size);
    this.partner = new Int32Array(size);

    const chance = new Prng(this.options.seed, 'population');
    this.numberShift = chance.below(size);
    this.numberFactor = factorWithoutCommonDivisor(size, chance);
    this.drawCharacters(chance);
    planComings(this, chance);
    tieAccounts(this, chance);
    planDepartures(this, chance);
  }

  traits(person: number): Traits {
    return traitsOf(this.typeCode[person] ?? 0);
  }

  has(person: number, habit: number): boolean {
    return ((this.habits[person] ?? 0) & habit) !== 0;
  }

  /** `p0000123`. Numbers are dealt so that they tell nothing about who came first or belongs to whom. */
  idOf(account: number): string {
    const number = (account * this.numberFactor + this.numberShift) % this.size;
    return `p${String(number).padStart(7, '0')}`;
  }

  /** The account that speaks for this one: itself, or what it was merged into. */
  accountAt(account: number, slice: number): number {
    const merged = this.tie[account] === TIE.second && slice >= (this.leavesAt[account] ?? 0);
    return merged ? (this.partner[account] ?? account) : account;
  }

  /** Not there: not yet joined, pausing, or left for good. */
  isAway(person: number, slice: number): boolean {
    return (
      slice < (this.joinsAt[person] ?? 0) ||
      slice >= (this.leavesAt[person] ?? 0) ||
      (slice >= (this.pausesAt[person] ?? 0) && slice < (this.returnsAt[person] ?? 0))
    );
  }

  /** True in the eight weeks before leaving for that reason, twelve for a seller's. */
  isDecliningFor(reason: 'slow_after_sales' | 'unsold_listings', person: number, slice: number): boolean {
    const lasts = reason === 'unsold_listings' ? UNSOLD_SLICES : EMBITTERED_SLICES;
    return this.leaveCode[person] === LEAVE_CODE[reason] && slice >= (this.leavesAt[person] ?? 0) - lasts;
  }

  /** 1, or less in the six weeks before somebody leaves whose visits fall: a straight line towards silence. */
  vigour(person: number, slice: number): number {
    if (this.leaveCode[person] !== LEAVE_CODE.falling_visits) return 1;
    const left = (this.leavesAt[person] ?? 0) - slice;
    return left >= FADING_SLICES ? 1 : Math.max(FAINTEST, left / FADING_SLICES);
  }

  /** Visits per day, averaged over day, week and year, while nothing is wrong. */
  visitsPerDay(person: number): number {
    return this.traits(person).visitsPerDay * (this.activity[person] ?? 0) * this.options.intensity;
  }

  private drawCharacters(chance: Prng): void {
    const shares = TRAITS.map((traits) => traits.share);
    for (let person = 0; person < this.size; person++) {
      const code = chance.pick(shares);
      this.typeCode[person] = code;
      this.activity[person] = Math.min(LIVELIEST, chance.skewed() * chance.mildlySkewed());
      this.purse[person] = chance.mildlySkewed();
      this.attitude[person] = code === TYPE_CODE.collector ? ATTITUDE.dearest : chance.pick(ATTITUDE_SHARES);
      this.favourite[person] = chance.pick(traitsOf(code).interests);
      let habits = 0;
      for (const habit of Object.keys(HABIT) as (keyof typeof HABIT)[]) {
        if (chance.happens(HABIT_SHARES[habit])) habits |= HABIT[habit];
      }
      this.habits[person] = habits;
    }
  }
}

/** `account → account × factor + shift (mod size)` is one-to-one for such a factor, and exact below 2^53. */
function factorWithoutCommonDivisor(size: number, chance: Prng): number {
  if (size < 3) return 1;
  for (;;) {
    const factor = chance.between(Math.floor(size / 3), size);
    if (greatestCommonDivisor(factor, size) === 1) return factor;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
