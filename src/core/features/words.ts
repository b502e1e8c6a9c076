/** `1 order`, `3 orders`, `no orders`. */
export function countWords(value: number, one: string, many: string): string {
  if (value === 0) return `no ${many}`;
  return `${rounded(value)} ${value === 1 ? one : many}`;
}

/** `1 day`, `90 days`, `24 hours` for windows of one day. */
export function daysWords(days: number): string {
  return days === 1 ? '1 day' : `${rounded(days)} days`;
}

/** At most two decimals, thousands grouped. */
export function rounded(value: number): string {
  const [whole = '0', fraction] = String(Number(value.toFixed(2))).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function percentWords(share: number): string {
  return `${Math.round(share * 100)} %`;
}
