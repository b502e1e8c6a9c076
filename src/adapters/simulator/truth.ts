import type { Instant } from '../../core/time.ts';
import type { MarketplaceOptions } from './marketplace-options.ts';
import type { PersonType } from './person-types.ts';
import { LEAVE_REASONS, type LeaveReason } from './plans.ts';
import { Population } from './population.ts';
import { startOfSlice } from './slices.ts';
import { TIE } from './ties.ts';

/** What only the simulator knows about an account. Instants are exact to ten minutes, null outside the run. */
export interface PersonTruth {
  readonly personId: string;
  readonly type: PersonType;
  /** null: was there before the run. */
  readonly joinedAt: Instant | null;
  /** From here on nothing the person does; parcels, payouts and verdicts under way may still arrive. */
  readonly leftAt: Instant | null;
  /** What drives the person away, shown by behaviour in the weeks before; `none` for those who stay. */
  readonly leaveReason: LeaveReason;
  /** A silence of at least 95 days; `returnsAt` may lie beyond the run. */
  readonly pausedAt: Instant | null;
  readonly returnsAt: Instant | null;
  readonly fraud: 'wash' | 'look_alike' | 'none';
  /** A second account: the person it was merged into at `leftAt`. */
  readonly mergedInto: string | null;
}

/**
 * The side file: one entry per account in no meaningful order, computed from the options
 * without running the marketplace. It must never reach the pipeline.
 */
export function* truthOf(options: MarketplaceOptions): Generator<PersonTruth, void, undefined> {
  const people = new Population(options);
  const instantOf = (slice: number): Instant | null =>
    slice > 0 && slice < people.slices ? startOfSlice(people.options.startAt, slice) : null;
  for (let person = 0; person < people.size; person++) {
    const tie = people.tie[person];
    const pausedAt = instantOf(people.pausesAt[person] ?? 0);
    yield {
      personId: people.idOf(person),
      type: people.traits(person).type,
      joinedAt: instantOf(people.joinsAt[person] ?? 0),
      leftAt: instantOf(people.leavesAt[person] ?? 0),
      leaveReason: LEAVE_REASONS[people.leaveCode[person] ?? 0] ?? 'none',
      pausedAt,
      returnsAt: pausedAt && startOfSlice(people.options.startAt, people.returnsAt[person] ?? 0),
      fraud: tie === TIE.wash ? 'wash' : tie === TIE.loyal || tie === TIE.trusted ? 'look_alike' : 'none',
      mergedInto: tie === TIE.second ? people.idOf(people.partner[person] ?? person) : null,
    };
  }
}
