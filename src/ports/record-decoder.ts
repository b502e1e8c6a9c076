import type { Rejection, TrackedEvent } from '../core/events/event.ts';
import type { Result } from '../core/result.ts';
import type { Instant } from '../core/time.ts';

/** What one message of a wire format says. */
export interface DecodedRecord<Said = TrackedEvent> {
  readonly event: Said;
  /** When a receiver before us took it in, where the message says so. */
  readonly receivedAt?: Instant;
}

/**
 * Reads one message of a wire format. Total: any text gives an event whose fields are clean (ids not empty,
 * instants from 1990 on, amounts in minor units, finite and not negative) or the reason why it cannot be used.
 * Pure, so that a file importer, a topic and an HTTP endpoint can share it without knowing the format.
 */
export type RecordDecoder<Said = TrackedEvent> = (text: string) => Result<DecodedRecord<Said>, Rejection>;
