import type { Rejection } from '../core/events/event.ts';
import type { Transition } from '../core/tagging/transition.ts';
import type { Trigger } from '../core/triggers/trigger.ts';
import type { PopulationDelta, PopulationInputs } from '../core/scoring/population.ts';
import type { Instant } from '../core/time.ts';
import type { ForwardedFacts } from './forwarded-facts.ts';

/** Proof of ownership of a partition. Whoever claims it later makes this one worthless. */
export interface Claim {
  readonly partition: number;
  readonly token: string;
  /** Next offset to read, per source; absent sources start at 0. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Up to where time has passed for everyone in the partition. */
  readonly clock: Instant;
  /** Version of the models whose scores everyone in the partition has, or is to get; empty before the first. */
  readonly scoredBy: string;
}

export interface PersonChange {
  readonly personId: string;
  readonly record: Uint8Array;
  /** When the sweeper must look at the person; NEVER takes them out of the due queue. */
  readonly dueAt: Instant;
}

/** Told to the world after the commit, at least once, in this order. */
export type Announcement =
  | { readonly kind: 'transition'; readonly transition: Transition }
  | { readonly kind: 'trigger'; readonly trigger: Trigger; readonly muted: boolean }
  | { readonly kind: 'dead_letter'; readonly letter: DeadLetter }
  | { readonly kind: 'facts'; readonly forwarded: ForwardedFacts };

/** A record that cannot be used, where it stood, and why. */
export interface DeadLetter {
  readonly source: string;
  readonly offset: number;
  readonly place: string;
  readonly rejection: Rejection;
  readonly raw: string;
  readonly receivedAt: Instant;
}

export interface OutboxEntry {
  readonly partition: number;
  /** Dense and ascending per partition. */
  readonly sequence: number;
  readonly announcement: Announcement;
}

export const KEPT_REVIEWS = 12;

/** How far a partition has come, for others that must not run ahead of it. */
export interface Progress {
  /** Everything that arrived in the partition's events up to here is in, and what it states about others was published. */
  readonly until: Instant;
  /** Next offset after the last record that stated something about another partition: by that partition, then by source. */
  readonly sent: Readonly<Record<number, Readonly<Record<string, number>>>>;
  /** Next offset after the last record whose statement about this partition is in, by source. */
  readonly taken: Readonly<Record<string, number>>;
  /** What others stated about it is in up to `until`; something that comes later lies ready. Absent means no. */
  readonly holdsBack?: boolean;
}

/** Everything one turn changes in one partition. */
export interface PartitionChanges {
  readonly claim: Claim;
  readonly people: readonly PersonChange[];
  readonly announcements: readonly Announcement[];
  readonly population: PopulationDelta;
  readonly offsets: Readonly<Record<string, number>>;
  readonly clock: Instant;
  readonly scoredBy: string;
}

/**
 * Where people live between turns: packed records, due queue, population counters, outbox and offsets, which
 * change together or not at all.
 *
 * - `claim` fences: after it, a `commit` under an earlier claim of the partition changes nothing and says so.
 * - `commit` is atomic over all it is given, and durable as far as the store is: what a later `claim`, `read`,
 *   `due` or `outbox` sees is the state after a whole number of commits. A store that is spread over machines takes one
 *   partition a commit (`RangeError` for more). After a failure it may be given again, unchanged, and happens once.
 * - A store that lost its last commits refuses, as fenced, everything that rests on them: commits, counters to freeze,
 *   progress.
 * - Offsets only move forward; a commit whose claim is current but whose offsets lie behind the stored ones is
 *   refused as fenced.
 * - `due` gives people in order of their due, those at `until` included; it changes nothing.
 * - Counters and inputs of the last {@link KEPT_REVIEWS} reviews are kept: no partition may lag further behind another.
 * - Records are opaque bytes: those given to `commit` are copied before it resolves, those `read` belong to the
 *   caller.
 * Not its job: decoding records, retrying, deciding who is due.
 */
export interface StateStore {
  readonly partitions: number;
  claim(partition: number): Promise<Claim>;
  read(claim: Claim, personIds: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  due(claim: Claim, until: Instant, limit: number): Promise<readonly string[]>;
  commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'>;
  /** Oldest first; the same entries until they are trimmed. */
  outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]>;
  /** Forgets entries up to and including `sequence`; nothing for who was fenced. */
  trim(claim: Claim, sequence: number): Promise<void>;
  /** Counters over all partitions, as they are now. */
  population(): Promise<PopulationDelta>;
  /**
   * Keeps the partition's counters as they are, for the review at an instant up to which time has passed for everyone
   * in it. The first time counts.
   */
  freezePopulation(claim: Claim, at: Instant): Promise<'frozen' | 'fenced'>;
  /**
   * Counters over all partitions as they were at a review; undefined until all of them have kept theirs. One whose clock
   * passed the instant without that had nobody yet.
   */
  frozenPopulation(at: Instant): Promise<PopulationDelta | undefined>;
  /** What the latest review at or before an instant put in force; undefined before the first one. */
  populationInputs(at: Instant): Promise<PopulationInputs | undefined>;
  /** Puts the inputs of a review in force, for every partition. The same review again changes nothing. */
  publishPopulationInputs(inputs: PopulationInputs): Promise<void>;
  /** Lets others know. */
  noteProgress(claim: Claim, progress: Progress): Promise<'noted' | 'fenced'>;
  /** Of every partition, in order; `until` 0 where nothing was noted yet. One that is noted later is not read earlier. */
  progress(): Promise<readonly Progress[]>;
  /** Everyone of a partition, in pages, in a stable order; for profiles and exports. */
  people(claim: Claim): AsyncIterable<readonly { readonly personId: string; readonly record: Uint8Array }[]>;
  /** People in all partitions. */
  size(): Promise<number>;
}
