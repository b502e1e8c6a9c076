/** A small policy without a mistake, of which tests replace lines. Line numbers are those of the text. */
export const A_POLICY = `name: small
version: 1
currency: CNY
rates: {USD: 7.1}
utc_offset: "+08:00"
review_every: month
scores:
  r: {feature: days_since_order, better: lower, bands: [180, 90, 30, 7]}
  f: {feature: orders_90d, better: higher, bands: [1, 3, 6, 12]}
  m: {feature: average_order_ratio, better: higher, bands: [2, 3, 5, 10]}
  seller_r: {feature: days_since_sale, better: lower, by: quantiles}
  seller_f: {feature: sales_365d, better: higher, by: quantiles}
  seller_m: {feature: average_sale_365d, better: higher, by: quantiles}
  loyalty_score: {feature: orders_total, better: higher, by: quantiles}
dimensions:
  buyer_class:
    about: How alive a buyer is
    side: buyer
    tags:
      active:
        about: Buys often
        when:
          all:
            - orders_90d: {at_least: 3, until_below: 2}
            - days_since_order: {at_most: 60, until_above: 75}
            - not:
                loyalty_score: {below: 2}
        dwell: 7d
        grace: 12h
      ordinary:
        when:
          orders_total: {above: 0}
triggers:
  greet:
    about: Somebody is active again
    on: {dimension: buyer_class, to: active, from: [ordinary, none]}
    cooldown: 30m
    action: greeting
`;

/** {@link A_POLICY} with the first occurrence of each text replaced; every text must be there. */
export function aPolicyWith(...replacements: readonly (readonly [text: string, by: string])[]): string {
  return replacements.reduce((policy, [text, by]) => {
    if (!policy.includes(text)) throw new Error(`the policy has no ${text}`);
    return policy.replace(text, by);
  }, A_POLICY);
}
