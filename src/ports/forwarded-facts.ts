import type { TrackedEvent } from '../core/events/event.ts';
import type { AddressedFact } from '../core/events/fact.ts';
import type { Instant } from '../core/time.ts';

/**
 * Everything that one record states about people of one other partition, on its way there. It arrives at least once, and
 * after what earlier records of its origin state about that partition, so whoever remembers the last origin takes
 * each once.
 */
export interface ForwardedFacts {
  /** Where the people live. */
  readonly partition: number;
  readonly origin: { readonly source: string; readonly offset: number };
  /** The event that it all comes of, where that is not the origin: the origin states only what others made of it. */
  readonly root?: { readonly source: string; readonly offset: number } | undefined;
  /** When the record reached us. */
  readonly receivedAt: Instant;
  /** What transitions name as their cause: the event's messageId. */
  readonly ref: string;
  /** In the order in which they count; never empty. */
  readonly facts: readonly SentFact[];
}

/** A fact one person's step states about another person. */
export interface SentFact {
  readonly fact: AddressedFact;
  /** How often it was sent on because of merges. */
  readonly redirections: number;
}

/** What a record of a worker's sources says. */
export type Said = TrackedEvent | ForwardedFacts;
