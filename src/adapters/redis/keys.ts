/**
 * The only place that spells a key. Everything of a partition lies in one slot of a cluster, so that one script can
 * change it at once; schemas/redis/KEYS.md says what each holds.
 */
export interface PartitionKeys {
  readonly partition: string;
  /** By bucket. */
  readonly people: (bucket: number) => string;
  /** By bucket. */
  readonly due: (bucket: number) => string;
  readonly heads: string;
  readonly population: string;
  readonly prices: string;
  readonly categories: string;
  readonly frozen: string;
  readonly outbox: string;
  readonly sink: string;
}

export function partitionKeys(prefix: string, partition: number): PartitionKeys {
  const of = (what: string): string => `${prefix}:{p${partition}}:${what}`;
  const [people, due] = [of('people:'), of('due:')];
  return {
    partition: of('partition'),
    people: (bucket) => `${people}${bucket}`,
    due: (bucket) => `${due}${bucket}`,
    heads: of('heads'),
    population: of('population'),
    prices: of('prices'),
    categories: of('categories'),
    frozen: of('frozen'),
    outbox: of('outbox'),
    sink: of('sink'),
  };
}

/** Population inputs by review, the same for every partition. */
export function inputsKey(prefix: string): string {
  return `${prefix}:inputs`;
}

/** Of what schemas/redis/KEYS.md describes. */
export const LAYOUT_VERSION = 2;

/** What may not change while there is state: the number of partitions and the version of this layout. */
export function layoutKey(prefix: string): string {
  return `${prefix}:layout`;
}
