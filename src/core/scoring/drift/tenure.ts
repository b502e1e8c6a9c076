/** Cells a band is divided into, where each then still has {@link LEAST_PEOPLE}. */
const CELLS_PER_BAND = 32;
const LEAST_PEOPLE = 10;

/**
 * Where the tenure bands end, in whole days and ascending, the last day included; what is longer is one more band.
 * Band 0 is that of people whose tenure is not known: NaN or negative.
 */
export type TenureBands = readonly number[];

export const DEFAULT_TENURE_BANDS: TenureBands = [30, 90, 180, 365];

/** People of the reference whose tenure is so alike that within the cell it makes no difference. */
export interface TenureCell {
  readonly band: number;
  /** First and last whole day of tenure; −1 for unknown. */
  readonly fromDay: number;
  readonly toDay: number;
  readonly people: number;
}

/** Whole days; −1 for who has no tenure. */
export function wholeDays(tenureDays: number): number {
  return tenureDays >= 0 ? Math.floor(tenureDays) : -1;
}

export function bandOf(bands: TenureBands, day: number): number {
  if (day < 0) return 0;
  const index = bands.findIndex((lastDay) => day <= lastDay);
  return index < 0 ? bands.length + 1 : index + 1;
}

/** `0-30 days`, `over 365 days`, `tenure unknown`. */
export function bandName(bands: TenureBands, band: number): string {
  if (band === 0) return 'tenure unknown';
  const from = band === 1 ? 0 : (bands[band - 2] ?? 0) + 1;
  return band > bands.length ? `over ${from - 1} days` : `${from}-${bands[band - 1]} days`;
}

/**
 * Divides the reference's people into cells: within a band by tenure into up to 32 of like size, of at least ten people
 * where there are as many within reach. None is wider than a week plus a quarter of its tenure, because people
 * further apart are not alike; where people are many, cells are days. What no cell covers is tenure of which the
 * reference knows nothing. Ascending. Takes whole days in any order.
 */
export function tenureCells(bands: TenureBands, days: Float64Array): TenureCell[] {
  const peopleIn = new Map<number, number>();
  for (const day of days) peopleIn.set(bandOf(bands, day), (peopleIn.get(bandOf(bands, day)) ?? 0) + 1);
  const cells: TenureCell[] = [];
  const sorted = days.slice().sort();
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const day = sorted[from] ?? -1;
    while (to < sorted.length && sorted[to] === day) to++;
    const band = bandOf(bands, day);
    const last = cells.at(-1);
    const enough = Math.max(LEAST_PEOPLE, (peopleIn.get(band) ?? 0) / CELLS_PER_BAND);
    if (last !== undefined && last.band === band && last.people < enough && day <= reach(last)) {
      cells[cells.length - 1] = { ...last, toDay: day, people: last.people + to - from };
    } else {
      if (last !== undefined && last.band === band)
        cells[cells.length - 1] = { ...last, toDay: Math.min(day - 1, reach(last)) };
      cells.push({ band, fromDay: day, toDay: day, people: to - from });
    }
  }
  return cells;
}

/** Last day a cell may cover. */
function reach({ fromDay }: TenureCell): number {
  return fromDay < 0 ? -1 : fromDay + 7 + Math.floor(fromDay / 4);
}

/** Index of the cell that covers a whole day, −1 for none. O(log cells). */
export function cellOf(cells: readonly TenureCell[], day: number): number {
  let low = 0;
  let high = cells.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.fromDay ?? Infinity) <= day) low = middle + 1;
    else high = middle;
  }
  return day <= (cells[low - 1]?.toDay ?? -Infinity) ? low - 1 : -1;
}
