/** A broker that these tests own, whatever it runs in. Its data and ports outlive a kill. */
export interface BrokerProcess {
  readonly start: () => Promise<void>;
  /** The end of what it printed; for the message when it does not come up. */
  readonly said: () => Promise<string>;
  /** SIGKILL; resolves once it is gone. */
  readonly kill: () => Promise<void>;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Ends it and removes its data. */
  readonly remove: () => Promise<void>;
  /** Runs a main class of Kafka's own tools with the text as its standard input; gives what it printed. */
  readonly tool: (main: string, args: readonly string[], input: string) => Promise<string>;
}
