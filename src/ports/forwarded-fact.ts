import type { TrackedEvent } from '../core/events/event.ts';
import type { AddressedFact } from '../core/events/fact.ts';
import type { Instant } from '../core/time.ts';

/**
 * A fact about a person who lives in another partition than the record that gave rise to it, on its way there. It
 * arrives at least once, after all facts of earlier records of its origin for that partition.
 */
export interface ForwardedFact extends AddressedFact {
  /** Where the person lives. */
  readonly partition: number;
  /** The record it comes of: the receiver remembers how far it has got with each origin. */
  readonly origin: { readonly source: string; readonly offset: number };
  /** When that record reached us. */
  readonly receivedAt: Instant;
  /** What transitions name as their cause: the event's messageId. */
  readonly ref: string;
  /** How often it was sent on because of merges. */
  readonly redirections: number;
}

/** What a record of a worker's sources says. */
export type Said = TrackedEvent | ForwardedFact;
