import type { EventProperties } from '../../core/events/event.ts';
import { DAY_MS, HOUR_MS, type Instant } from '../../core/time.ts';
import { aboutSeller, buyerIdOf, sendAsSeller, type Order } from './orders.ts';
import { HABIT } from './population.ts';
import { refundAfterwards } from './refunds.ts';
import { payOutAfterwards, reviewAfterwards } from './settlement.ts';
import { later, type World } from './world.ts';

const COMMON_DISPUTES = 0.03;
const DISPUTES_WITH_SLOW = 0.07;
const DISPUTES_BEFORE_LEAVING = 0.75;
const BUYER_WINS = 0.6;
const BUYER_WINS_BEFORE_LEAVING = 0.1;
const SILENCE_IS_PUNISHED = 0.35;
/** Ratings 1 to 5 of a buyer who had to dispute. */
const RATING_SHARES = [0.4, 0.3, 0.17, 0.09, 0.04];
const REVIEWS = 0.45;

/** A dispute between its opening and its verdict. */
interface Dispute {
  readonly order: Order;
  readonly disputeId: string;
  /** The buyer is one whom bad after-sales are about to drive away. */
  readonly embittering: boolean;
}

/** Few deliveries end in a dispute, save with slow sellers and for buyers whom disputes will drive away. */
export function disputeChance(world: World, order: Order): number {
  if (isEmbittering(world, order)) return DISPUTES_BEFORE_LEAVING;
  return world.people.has(order.seller, HABIT.answersSlowly) ? DISPUTES_WITH_SLOW : COMMON_DISPUTES;
}

/** The buyer opens a dispute some hours after the delivery, unless away by then. */
export function disputeAfterwards(world: World, deliveredAt: Instant, order: Order): void {
  later(world, deliveredAt, world.chance.span(1, 48) * HOUR_MS, (then, at) => openDispute(then, at, order));
}

function openDispute(world: World, at: Instant, order: Order): void {
  const { chance, people } = world;
  if (people.isAway(people.accountAt(order.buyer, world.slice), world.slice)) return;
  const disputeId = `d${(++world.issued.disputes).toString(36)}`;
  const dispute: Dispute = { order, disputeId, embittering: isEmbittering(world, order) };
  world.outbox.send(at, buyerIdOf(world, order), 'Dispute Opened', aboutDispute(world, dispute));
  const slow = dispute.embittering || people.has(order.seller, HABIT.answersSlowly);
  const answerMs = (slow ? chance.span(26, 150) : Math.min(30, 3 * chance.skewed())) * HOUR_MS;
  later(world, at, answerMs, (then, answeredAt) => answerDispute(then, answeredAt, dispute));
}

/** A seller who is away does not answer, and loses. */
function answerDispute(world: World, at: Instant, dispute: Dispute): void {
  const { chance, people } = world;
  const { order, disputeId, embittering } = dispute;
  const silent = people.isAway(order.seller, world.slice);
  if (!silent) sendAsSeller(world, at, order, 'Dispute Answered', { disputeId });
  else if (chance.happens(SILENCE_IS_PUNISHED)) {
    world.outbox.send(at, people.idOf(order.seller), 'Policy Violated', { orderId: order.orderId });
  }
  const buyerWins = chance.happens(silent ? 1 : embittering ? BUYER_WINS_BEFORE_LEAVING : BUYER_WINS);
  later(world, at, chance.span(0.5, 4) * DAY_MS, (then, resolvedAt) =>
    resolveDispute(then, resolvedAt, dispute, buyerWins),
  );
}

function resolveDispute(world: World, at: Instant, dispute: Dispute, buyerWins: boolean): void {
  const { chance } = world;
  const { order } = dispute;
  const outcome = buyerWins ? 'buyer' : 'seller';
  const properties = { ...aboutDispute(world, dispute), outcome } as const;
  world.outbox.send(at, buyerIdOf(world, order), 'Dispute Resolved', properties);
  if (buyerWins) refundAfterwards(world, at, order);
  else payOutAfterwards(world, at, order, 1);
  if (chance.happens(REVIEWS)) reviewAfterwards(world, at, order, 1 + chance.pick(RATING_SHARES));
}

function isEmbittering(world: World, order: Order): boolean {
  return world.people.isDecliningFor('slow_after_sales', order.buyer, world.slice);
}

function aboutDispute(world: World, { order, disputeId }: Dispute): EventProperties {
  return { ...aboutSeller(world, order), disputeId };
}
