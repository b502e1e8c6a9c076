import { plus, type Instant } from '../../core/time.ts';
import { Agenda } from './agenda.ts';
import { DelayedQueue } from './delayed-queue.ts';
import { Market } from './market.ts';
import type { CompleteOptions, MarketplaceOptions } from './marketplace-options.ts';
import { Outbox } from './outbox.ts';
import { Population } from './population.ts';
import { Prng } from './prng.ts';
import { Rhythm } from './rhythm.ts';
import { SLICE_MS, sliceAt, startOfSlice } from './slices.ts';

const ITEMS_PER_PERSON = 3;
const FEWEST_ITEMS = 600;
const MOST_ITEMS = 2_000_000;

/** Everything that is the case at a moment of a run; the other files say what happens next. */
export interface World {
  readonly options: CompleteOptions;
  readonly chance: Prng;
  readonly rhythm: Rhythm;
  readonly people: Population;
  /** The next time each account comes along. */
  readonly visits: Agenda;
  readonly market: Market;
  /** What earlier doings lead to: parcels, verdicts, refunds, items to be put on sale. */
  readonly aftermath: DelayedQueue<Consequence>;
  readonly outbox: Outbox;
  /** Orders placed by each account; what counts is whether there was one before. */
  readonly ordersOf: Uint16Array;
  /** The local day each account was last there, to check in once a day. */
  readonly lastSeenDay: Int32Array;
  /** The newest item of each dealer whom a collector is loyal to. */
  readonly showcases: Map<number, number>;
  readonly issued: { items: number; orders: number; disputes: number; refunds: number };
  slice: number;
}

/** Something that happens at an instant, in the slice of that instant. */
export interface Consequence {
  readonly at: Instant;
  readonly happen: (world: World, at: Instant) => void;
}

export function makeWorld(options: MarketplaceOptions): World {
  const people = new Population(options);
  const wanted = Math.round(people.size * ITEMS_PER_PERSON * people.options.intensity);
  return {
    options: people.options,
    chance: new Prng(people.options.seed, 'marketplace'),
    rhythm: new Rhythm(people.options.startAt),
    people,
    visits: new Agenda(people.size),
    market: new Market(Math.min(MOST_ITEMS, Math.max(FEWEST_ITEMS, wanted))),
    aftermath: new DelayedQueue(),
    outbox: new Outbox(people.options),
    ordersOf: new Uint16Array(people.size),
    lastSeenDay: new Int32Array(people.size).fill(-1),
    showcases: new Map(),
    issued: { items: 0, orders: 0, disputes: 0, refunds: 0 },
    slice: 0,
  };
}

/** A random instant of the slice that is being simulated. */
export function someTimeNow(world: World): Instant {
  return plus(startOfSlice(world.options.startAt, world.slice), world.chance.below(SLICE_MS));
}

/** Lets something happen `delayMs` after `at`, which must not lie before now; the delay is at least a slice. */
export function later(world: World, at: Instant, delayMs: number, happen: Consequence['happen']): void {
  const then = plus(at, Math.max(SLICE_MS, Math.round(delayMs)));
  world.aftermath.add(sliceAt(world.options.startAt, then), { at: then, happen });
}
