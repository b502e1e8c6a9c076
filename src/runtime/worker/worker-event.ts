import type { Instant } from '../../core/time.ts';
import type { TidemarkError } from '../../errors.ts';
import type { EventCounts } from '../../ports/telemetry.ts';

/** A few a turn at most, none of them about a person. */
export type WorkerEvent =
  | { readonly kind: 'claimed'; readonly partition: number; readonly clock: Instant }
  | { readonly kind: 'fenced'; readonly partition: number }
  /** After every try that failed. */
  | { readonly kind: 'outage'; readonly partition: number; readonly error: TidemarkError }
  /** A turn with records is stored; the world is still to be told. */
  | {
      readonly kind: 'committed';
      readonly partition: number;
      readonly records: number;
      /** What became of the events since the last event of this kind. */
      readonly events: EventCounts;
    }
  /** What had to be stored and told is, and the partition goes on; every other second at least. */
  | {
      readonly kind: 'went_on';
      readonly partition: number;
      /** Everything that arrived up to here is in. */
      readonly until: Instant;
      /** Up to here time has passed for those who live there. */
      readonly clock: Instant;
    };
