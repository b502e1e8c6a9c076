import type { PopulationDelta, PopulationInputs } from '../../core/scoring/population.ts';
import { instant } from '../../core/time.ts';

type Fields = Readonly<Record<string, string>>;

/**
 * One partition's counters, as schemas/redis/commit.lua keeps them. Categories come in the order in which they first
 * had a price there.
 */
export function readCounters(
  population: Fields,
  prices: Fields,
  categories: Fields,
  scores: number,
): PopulationDelta {
  const buckets = Array.from({ length: scores }, () => [] as [number, number][]);
  for (const [field, count] of Object.entries(population)) {
    const [score = '', bucket = ''] = field.split(':');
    if (bucket !== '') buckets[Number(score)]?.push([Number(bucket), Number(count)]);
  }
  const byNumber = new Map<number, [number, number][]>();
  for (const [field, count] of Object.entries(prices)) {
    const [number = '', bucket = ''] = field.split(':');
    let counts = byNumber.get(Number(number));
    if (counts === undefined) byNumber.set(Number(number), (counts = []));
    counts.push([Number(bucket), Number(count)]);
  }
  const named = Object.entries(categories).sort(([, a], [, b]) => Number(a) - Number(b));
  return {
    orders: Number(population['orders'] ?? 0),
    sumMinor: Number(population['sum'] ?? 0),
    buckets,
    prices: named.map(([category, number]) => [category, byNumber.get(Number(number)) ?? []]),
  };
}

/** What schemas/redis/freeze.lua kept. */
export function readFrozen(json: string, scores: number): PopulationDelta {
  const [population, prices, categories] = JSON.parse(json) as readonly Flat[];
  return readCounters(fieldsOf(population), fieldsOf(prices), fieldsOf(categories), scores);
}

/** Field, value, field, value …; Lua's JSON makes an object of an empty list. */
type Flat = readonly string[] | { readonly length?: undefined };

function fieldsOf(flat: Flat = []): Fields {
  const fields: Record<string, string> = {};
  if (flat.length === undefined) return fields;
  for (let i = 0; i < flat.length; i += 2) fields[flat[i] ?? ''] = flat[i + 1] ?? '';
  return fields;
}

/** JSON has no NaN: a mean over nobody goes as null. Finite numbers come back bit by bit. */
export function encodeInputs(inputs: PopulationInputs): string {
  return JSON.stringify(inputs);
}

export function decodeInputs(json: string): PopulationInputs {
  const inputs = JSON.parse(json) as Omit<PopulationInputs, 'meanOrderMinor'> & {
    meanOrderMinor: number | null;
  };
  return { ...inputs, since: instant(inputs.since), meanOrderMinor: inputs.meanOrderMinor ?? NaN };
}
