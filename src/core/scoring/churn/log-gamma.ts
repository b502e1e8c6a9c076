/** ζ(n) − 1 for n = 2, 3, …, 25: the Riemann zeta function, Abramowitz & Stegun, table 23.3. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
  0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5,
  3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6,
  9.539620338727962e-7, 4.769329867878064e-7, 2.38450502727733e-7, 1.1921992596531106e-7,
  5.960818905125948e-8, 2.980350351465228e-8,
];
const ONE_MINUS_EULER = 0.42278433509846713;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/**
 * ln Γ(x) for x > 0, to a relative error below 1e-14, also beside its zeros at 1 and 2. Infinity for 0; NaN for
 * what is negative.
 *
 * Three formulas of Abramowitz & Stegun: the series 6.1.33 within ½ of 2, the recurrence 6.1.15 to get there from
 * up to 10, Stirling's series 6.1.41 above.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  if (x >= 10) return stirling(x);
  if (x < 0.5) return aroundTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return aroundTwo(x - 1) - Math.log1p(x - 1);
  let product = 1;
  let near = x;
  while (near > 2.5) product *= --near;
  return aroundTwo(near - 2) + Math.log(product);
}

/** ln Γ(2 + z) for |z| ≤ ½. */
function aroundTwo(z: number): number {
  let sum = 0;
  for (let n = ZETA_MINUS_ONE.length + 1; n >= 2; n--) sum = (ZETA_MINUS_ONE[n - 2] ?? 0) / n - z * sum;
  return z * (ONE_MINUS_EULER + z * sum);
}

function stirling(x: number): number {
  const y = 1 / (x * x);
  const tail =
    1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y / 156)))));
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + tail / x;
}
