/**
 * Event names Tidemark knows: the Segment e-commerce names first, then what the spec lacks for a
 * marketplace, in the same style. Any other name counts as activity.
 */
export const EVENT_NAMES = [
  'Products Searched',
  'Product List Viewed',
  'Product List Filtered',
  'Promotion Viewed',
  'Promotion Clicked',
  'Product Clicked',
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Cart Viewed',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Payment Info Entered',
  'Order Updated',
  'Order Completed',
  'Order Refunded',
  'Order Cancelled',
  'Coupon Entered',
  'Coupon Applied',
  'Coupon Denied',
  'Coupon Removed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Wishlist Product Added to Cart',
  'Product Shared',
  'Cart Shared',
  'Product Reviewed',
  'Listing Started',
  'Listing Created',
  'Listing Price Changed',
  'Listing Removed',
  'Item Authenticated',
  'Order Shipped',
  'Order Delivered',
  'Dispute Opened',
  'Dispute Answered',
  'Dispute Resolved',
  'Payout Paid',
  'Offer Made',
  'Community Posted',
  'Checked In',
  'Member Event Attended',
  'Referral Completed',
  'Policy Violated',
  'Tier Invited',
  'Tag Overridden',
  'Consent Changed',
  'Account Merged',
  'Erasure Requested',
  'Signed Up',
  'Signed In',
  'Page Viewed',
  'Profile Updated',
  'Group Joined',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

const KNOWN: ReadonlySet<string> = new Set(EVENT_NAMES);

export function isEventName(name: string): name is EventName {
  return KNOWN.has(name);
}
