/** What is known of a piece of goods; absent is absent. */
export interface Goods {
  productId?: string;
  category?: string;
  priceMinor?: number;
  quantity?: number;
}

/** Goods of what is known of them; a price or quantity that is not a number of 0 or more is unknown. */
export function goodsOf(productId?: string, category?: string, priceMinor = -1, quantity = -1): Goods {
  const goods: Goods = {};
  if (productId !== undefined) goods.productId = productId;
  if (category !== undefined) goods.category = category;
  if (priceMinor >= 0) goods.priceMinor = priceMinor;
  if (quantity >= 0) goods.quantity = quantity;
  return goods;
}
