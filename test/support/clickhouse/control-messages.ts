/** What a test tells the server in its own process, and what that answers, over the channel between the two. */

export type Fault =
  /** The next inserts are done, and the socket is destroyed in place of the answer. */
  | { readonly kind: 'lose-answers'; readonly inserts: number }
  /** The next requests are answered 503 as by a proxy, and nothing is done. */
  | { readonly kind: 'unavailable'; readonly requests: number }
  /** The next requests that come on a connection used before find it closed, and nothing is done. */
  | { readonly kind: 'stale'; readonly requests: number }
  /** Every answer from now on waits; 0 ends it. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nobody listens and no connection is left; the data stay. */
  | { readonly kind: 'down' }
  | { readonly kind: 'up' };

export interface Command {
  readonly id: number;
  readonly fault: Fault;
}

export type Notice =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number }
  /** The engine was just given the rows of an insert. */
  | { readonly kind: 'inserting' };

/** Given as JSON in the first argument. */
export interface ServerSettings {
  readonly folder: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A configuration of ClickHouse in XML. */
  readonly configFile?: string;
  /** How long an idle connection is kept, as ClickHouse's `keep_alive_timeout`. */
  readonly keepAliveMs: number;
}
