import { seededRandom, type SeededRandom } from '../../src/core/seeded-random.ts';

/** Processes that take part; those that are not there from the beginning join and leave again. */
export const ROLES = ['worker-1', 'worker-2', 'worker-3', 'sink-1', 'sink-2'] as const;
export type Role = (typeof ROLES)[number];
export const AT_FIRST: readonly Role[] = ['worker-1', 'worker-2', 'sink-1'];

export type RoleFault =
  /** SIGKILL; started anew at the end of the fault. */
  | 'killed'
  /** SIGSTOP until the end, then SIGCONT. */
  | 'paused'
  /** SIGTERM; started anew at the end. */
  | 'stopped'
  /** Started, and SIGTERM at the end. */
  | 'joined';

export type ServerFault =
  | 'redis killed'
  | 'redis paused'
  /** A copy is made at the beginning; at the end the server is killed and starts from it. */
  | 'redis rolled back'
  /** Now and then the proxy before it cuts a connection when an answer is there. */
  | 'redis answers lost'
  | 'kafka killed'
  | 'kafka paused'
  | 'clickhouse down'
  | 'clickhouse killed'
  | 'clickhouse answers lost';

export type Fault = { readonly atMs: number; readonly lastsMs: number } & (
  { readonly kind: RoleFault; readonly of: Role } | { readonly kind: ServerFault; readonly of?: undefined }
);

type Range = readonly [leastMs: number, mostMs: number];

const ROLE_FAULTS: readonly { readonly kind: RoleFault; readonly of: Role; readonly lasts: Range }[] = [
  ...(['worker-1', 'worker-2'] as const).flatMap((of) => [
    { kind: 'killed', of, lasts: [100, 3000] } as const,
    // Past the session as well as within it.
    { kind: 'paused', of, lasts: [300, 2000] } as const,
    { kind: 'paused', of, lasts: [3000, 6000] } as const,
    { kind: 'stopped', of, lasts: [100, 2000] } as const,
  ]),
  { kind: 'joined', of: 'worker-3', lasts: [2000, 10_000] },
  { kind: 'joined', of: 'worker-3', lasts: [100, 1000] },
  { kind: 'killed', of: 'sink-1', lasts: [100, 3000] },
  { kind: 'paused', of: 'sink-1', lasts: [300, 6000] },
  { kind: 'stopped', of: 'sink-1', lasts: [100, 2000] },
  { kind: 'joined', of: 'sink-2', lasts: [2000, 10_000] },
];

const SERVER_FAULTS: readonly { readonly kind: ServerFault; readonly lasts: Range }[] = [
  { kind: 'redis killed', lasts: [100, 3000] },
  { kind: 'redis paused', lasts: [300, 7000] },
  { kind: 'redis rolled back', lasts: [300, 4000] },
  { kind: 'redis answers lost', lasts: [1000, 4000] },
  { kind: 'kafka killed', lasts: [100, 3000] },
  { kind: 'kafka paused', lasts: [300, 5000] },
  { kind: 'clickhouse down', lasts: [500, 8000] },
  { kind: 'clickhouse killed', lasts: [100, 3000] },
  { kind: 'clickhouse answers lost', lasts: [1000, 4000] },
];

const FIRST_AFTER_MS = 500;
const GAP: Range = [200, 4000];

/**
 * What fails and when, in order of time; a function of the seed and the length alone. Faults of processes and faults of
 * servers come independently of each other, so that they meet; of either there is one at a time, and every kind has had
 * its turn before one comes again. All are over at the end.
 */
export function planFaults(seed: number, lengthMs: number): readonly Fault[] {
  return [
    ...track(seededRandom(seed, 'faults of processes'), ROLE_FAULTS, lengthMs),
    ...track(seededRandom(seed, 'faults of servers'), SERVER_FAULTS, lengthMs),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

function track<Kind extends { readonly lasts: Range }>(
  random: SeededRandom,
  kinds: readonly Kind[],
  lengthMs: number,
): (Omit<Kind, 'lasts'> & { readonly atMs: number; readonly lastsMs: number })[] {
  const faults: (Omit<Kind, 'lasts'> & { readonly atMs: number; readonly lastsMs: number })[] = [];
  let deck: Kind[] = [];
  for (let atMs = FIRST_AFTER_MS + within(random, GAP); ;) {
    if (deck.length === 0) deck = shuffled(random, kinds);
    const { lasts, ...kind } = deck.pop() as Kind;
    const lastsMs = within(random, lasts);
    if (atMs + lastsMs > lengthMs) return faults;
    faults.push({ ...kind, atMs, lastsMs });
    atMs += lastsMs + within(random, GAP);
  }
}

function within(random: SeededRandom, [least, most]: Range): number {
  return least + random.below(most - least + 1);
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): T[] {
  const deck = [...items];
  for (let i = deck.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [deck[i], deck[j]] = [deck[j] as T, deck[i] as T];
  }
  return deck;
}
