/** Kinds of people. Only the side file of truth names them; nothing in an event does. */
export const PERSON_TYPES = ['window_shopper', 'casual_buyer', 'collector', 'consignor', 'dealer'] as const;

export type PersonType = (typeof PERSON_TYPES)[number];

/** What people of a type do, for a person of activity 1. Probabilities are per visit. */
export interface Traits {
  readonly type: PersonType;
  /** Share of all people; the shares add up to 1. */
  readonly share: number;
  readonly visitsPerDay: number;
  /** Mean number of pages, searches, lists and products looked at. */
  readonly stepsPerVisit: number;
  readonly wantsToBuy: number;
  /** Makes a listing (and, as a dealer, some more). */
  readonly lists: number;
  readonly listsMorePerVisit: number;
  /** Share of page views that go to the selling pages. */
  readonly sellingPages: number;
  /** Typical price of what the person buys, in yuan. */
  readonly purseYuan: number;
  /** Interest by category, in the order of the catalogue; adds up to 1. */
  readonly interests: readonly number[];
}

export const TRAITS: readonly [Traits, ...Traits[]] = [
  {
    type: 'window_shopper',
    share: 0.37,
    visitsPerDay: 0.18,
    stepsPerVisit: 6,
    wantsToBuy: 0.014,
    lists: 0.002,
    listsMorePerVisit: 0,
    sellingPages: 0.02,
    purseYuan: 1_500,
    interests: [0.25, 0.12, 0.13, 0.15, 0.17, 0.1, 0.08],
  },
  {
    type: 'casual_buyer',
    share: 0.37,
    visitsPerDay: 0.17,
    stepsPerVisit: 4,
    wantsToBuy: 0.2,
    lists: 0.008,
    listsMorePerVisit: 0,
    sellingPages: 0.03,
    purseYuan: 2_600,
    interests: [0.2, 0.03, 0.09, 0.24, 0.23, 0.14, 0.07],
  },
  {
    type: 'collector',
    share: 0.08,
    visitsPerDay: 0.22,
    stepsPerVisit: 5,
    wantsToBuy: 0.18,
    lists: 0.03,
    listsMorePerVisit: 0,
    sellingPages: 0.05,
    purseYuan: 16_000,
    interests: [0.34, 0.32, 0.2, 0.02, 0.02, 0.02, 0.08],
  },
  {
    type: 'consignor',
    share: 0.14,
    visitsPerDay: 0.19,
    stepsPerVisit: 3,
    wantsToBuy: 0.08,
    lists: 0.22,
    listsMorePerVisit: 0.15,
    sellingPages: 0.45,
    purseYuan: 4_000,
    interests: [0.27, 0.06, 0.12, 0.19, 0.2, 0.11, 0.05],
  },
  {
    type: 'dealer',
    share: 0.04,
    visitsPerDay: 0.62,
    stepsPerVisit: 3,
    wantsToBuy: 0.06,
    lists: 0.55,
    listsMorePerVisit: 0.8,
    sellingPages: 0.6,
    purseYuan: 9_000,
    interests: [0.34, 0.13, 0.16, 0.14, 0.1, 0.08, 0.05],
  },
];

export function traitsOf(typeCode: number): Traits {
  return TRAITS[typeCode] ?? TRAITS[0];
}

/** Where a type stands in {@link TRAITS}: what the population stores of it. */
export const TYPE_CODE = Object.fromEntries(TRAITS.map(({ type }, code) => [type, code])) as Readonly<
  Record<PersonType, number>
>;
