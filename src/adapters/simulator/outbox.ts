import type { EventProperties, TrackedEvent } from '../../core/events/event.ts';
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, type Instant } from '../../core/time.ts';
import { DelayedQueue } from './delayed-queue.ts';
import type { CompleteOptions } from './marketplace-options.ts';
import { Prng } from './prng.ts';
import { SIMULATED_EVENTS, type SimulatedEventName } from './simulated-events.ts';
import { sliceAt } from './slices.ts';

/** An event and when it reached us. */
export interface SimulatedRecord {
  readonly receivedAt: Instant;
  readonly event: TrackedEvent;
}

const LONGEST_TRANSIT_MS = 3_000;
const SHORTEST_LATENESS_MS = 10 * MINUTE_MS;
const MEDIAN_LATENESS_MS = 2 * HOUR_MS;
const LONGEST_LATENESS_MS = 14 * DAY_MS;
const SHORTEST_FUTURE_MS = 6 * MINUTE_MS;
const LONGEST_FUTURE_MS = 2 * DAY_MS;
const MEDIAN_ECHO_MS = 30_000;

/**
 * The way from what happens to what arrives: gives every event its messageId and its time of arrival, loses
 * nothing, delays and repeats at the stated rates. It draws from a stream of chance of its own, so that the
 * same marketplace can be watched over a better or a worse line.
 */
export class Outbox {
  private readonly options: CompleteOptions;
  private readonly chance: Prng;
  private readonly underWay = new DelayedQueue<SimulatedRecord>();
  private sent = 0;

  constructor(options: CompleteOptions) {
    this.options = options;
    this.chance = new Prng(options.seed, 'delivery');
  }

  /**
   * `at` must not lie before the slice that is being simulated. An event that its source held back arrives
   * no earlier than that, unless the line is perfect (`lateRate` 0).
   */
  send(
    at: number,
    personId: string,
    name: SimulatedEventName,
    properties: EventProperties,
    heldBackMs = 0,
  ): void {
    const messageId = `m${(this.sent++).toString(36)}`;
    const luck = this.chance.uniform();
    let receivedAt = at + this.chance.between(40, LONGEST_TRANSIT_MS);
    let stampedAt = at;
    if (luck < this.options.lateRate) {
      receivedAt = at + this.drawLatenessMs();
    } else if (
      luck < this.options.lateRate + this.options.futureRate &&
      SIMULATED_EVENTS[name] === 'device'
    ) {
      stampedAt = receivedAt + this.chance.between(SHORTEST_FUTURE_MS, LONGEST_FUTURE_MS);
    }
    if (this.options.lateRate > 0) receivedAt = Math.max(receivedAt, at + heldBackMs);
    const event: TrackedEvent = { messageId, personId, at: instant(stampedAt), name, properties };
    this.deliver(receivedAt, event);
    if (this.chance.happens(this.options.duplicateRate)) {
      this.deliver(receivedAt + Math.round(MEDIAN_ECHO_MS * this.chance.skewed()), event);
    }
  }

  /** What arrives during the slice, in order of arrival. Each slice must be taken once, in ascending order. */
  takeArrivals(slice: number): SimulatedRecord[] {
    return this.underWay.take(slice).sort((one, other) => one.receivedAt - other.receivedAt);
  }

  private deliver(receivedAt: number, event: TrackedEvent): void {
    this.underWay.add(sliceAt(this.options.startAt, receivedAt), { receivedAt: instant(receivedAt), event });
  }

  private drawLatenessMs(): number {
    const skew = this.chance.skewed();
    return Math.min(LONGEST_LATENESS_MS, Math.round(SHORTEST_LATENESS_MS + MEDIAN_LATENESS_MS * skew * skew));
  }
}
