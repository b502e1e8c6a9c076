/** A part of `run` that works. */
export interface OpenRole {
  /** Resolves when it cannot go on, and when it was closed; `close` says why. */
  readonly ended: Promise<void>;
  /** Finishes what is in hand, and lets others take over at once. */
  close(): Promise<void>;
}
