import type { Consumer } from 'kafkajs';

/** Which brokers owe a client the answer to a fetch, and since when. To say that there is nothing is an answer, too. */
export class OwedFetches {
  private readonly askedAt = new Map<number, number>();
  private readonly brokers: () => readonly number[];

  /** `brokers`: those that the client knows of now; others owe nothing any more. */
  constructor(consumer: Consumer, brokers: () => readonly number[]) {
    this.brokers = brokers;
    const { FETCH_START, FETCH } = consumer.events;
    consumer.on(FETCH_START, ({ payload: { nodeId } }) => {
      // A fetch that failed is asked for again, and told of by nobody.
      if (!this.askedAt.has(nodeId)) this.askedAt.set(nodeId, performance.now());
    });
    consumer.on(FETCH, ({ payload: { nodeId } }) => void this.askedAt.delete(nodeId));
  }

  /** When the answer was asked for that is owed for longest, in ms of `performance.now()`; Infinity when none is owed. */
  get longestSince(): number {
    return Math.min(...this.brokers().map((broker) => this.askedAt.get(broker) ?? Infinity));
  }

  /** What is owed counts from now on. */
  countAnew(): void {
    for (const broker of this.askedAt.keys()) this.askedAt.set(broker, performance.now());
  }
}
