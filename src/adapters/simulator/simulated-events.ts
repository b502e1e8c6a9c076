import type { EventName } from '../../core/events/names.ts';

/**
 * Every event the marketplace sends, and whose clock stamps it: a `device` is a person's own and may be
 * wrong; a `server` is always right.
 */
export const SIMULATED_EVENTS = {
  'Signed Up': 'server',
  'Signed In': 'device',
  'Page Viewed': 'device',
  'Products Searched': 'device',
  'Product List Filtered': 'device',
  'Product Viewed': 'device',
  'Product Shared': 'device',
  'Product Added to Wishlist': 'device',
  'Product Added': 'device',
  'Checkout Started': 'server',
  'Coupon Applied': 'server',
  'Order Completed': 'server',
  'Order Cancelled': 'server',
  'Order Refunded': 'server',
  'Order Shipped': 'server',
  'Order Delivered': 'server',
  'Product Reviewed': 'server',
  'Dispute Opened': 'server',
  'Dispute Answered': 'server',
  'Dispute Resolved': 'server',
  'Payout Paid': 'server',
  'Listing Started': 'server',
  'Listing Created': 'server',
  'Listing Price Changed': 'server',
  'Listing Removed': 'server',
  'Item Authenticated': 'server',
  'Policy Violated': 'server',
  'Checked In': 'server',
  'Community Posted': 'server',
  'Member Event Attended': 'server',
  'Referral Completed': 'server',
  'Account Merged': 'server',
} as const satisfies Partial<Record<EventName, 'device' | 'server'>>;

export type SimulatedEventName = keyof typeof SIMULATED_EVENTS;
