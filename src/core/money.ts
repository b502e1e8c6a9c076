const DECIMALS_OTHER_THAN_TWO: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
};

/** Decimal places of a currency's minor unit (ISO 4217): 2 unless the list says otherwise. */
export function minorDigits(currency: string): number {
  return DECIMALS_OTHER_THAN_TWO[currency] ?? 2;
}

/**
 * Major units as written by source systems (11.77) to integer minor units (1177), half away from zero.
 * The product is first rounded to 6 significant decimals so that 1.005 (binary 1.00499…) gives 101, not 100.
 */
export function toMinor(major: number, currency: string): number {
  const scaled = Math.abs(major) * 10 ** minorDigits(currency);
  return Math.sign(major) * Math.round(Number(scaled.toFixed(6)));
}

export function toMajor(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

/** `1,234.50 CNY`. The currency code follows, so that a sentence reads the same for every currency. */
export function formatMoney(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const [whole = '0', fraction] = (Math.abs(minor) / 10 ** digits).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${minor < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`} ${currency}`;
}
