import { createColors } from 'picocolors';
import { isPublishedClosedForm } from '../core/scoring/churn/closed-form.ts';
import { reasonInWords, type ChurnReason } from '../core/scoring/churn/churn-reasons.ts';
import type { Explanation } from '../core/tagging/explanation.ts';
import { formatMoney, toMinor } from '../core/money.ts';
import { NO_TAG, type Policy } from '../core/tagging/policy.ts';
import type { Way } from '../core/tagging/ways.ts';
import type { Reason } from '../core/tagging/reasons.ts';
import { DAY_MS, dateOf, instant, isoOf, type Instant } from '../core/time.ts';
import type { TagTransitionRow } from '../ports/analytics.ts';
import type { ServedBy } from '../ports/served-models.ts';
import type { Dealings, PersonAccount, Risk } from './person-account.ts';
import { section, told } from './run-page.ts';
import { SERVED_WORDS } from './served-words.ts';
import { formatCount, formatQuantity, formatShare } from './terminal/numbers.ts';
import { printable, wrap } from './terminal/printable.ts';
import type { World } from './world.ts';

const LABEL_CELLS = 12;
const NARROWEST = 30;
const WIDEST = 110;

export interface AccountPage {
  readonly account: PersonAccount;
  /** Where the folder's time stands. */
  readonly clock: Instant;
  /** Latest first, or why they cannot be read. */
  readonly history: readonly TagTransitionRow[] | string;
  readonly policy: Policy;
  readonly db: string;
}

/** Tells one person's account as a colleague would. */
export function writeAccount(world: World, page: AccountPage): void {
  const { account, clock, history, policy } = page;
  const { bold, dim } = createColors(world.stdout.colours);
  const [who, when] = [`Person ${printable(account.personId)}`, `as of ${isoOf(account.at)}`];
  if (who.length + 2 + when.length <= world.stdout.columns)
    world.stdout.write(`${bold(who)}${dim(`, ${when}`)}\n`);
  else world.stdout.write(`${bold(who)}\n${dim(when)}\n`);
  if (account.mergedInto !== undefined) {
    line(world, undefined, `This account was merged into ${account.mergedInto}: explain that one instead.`);
  } else {
    for (const sentence of whoTheyAre(account, policy)) line(world, undefined, sentence);
    if (account.at > clock) writeAhead(world, account, clock);
    const isUntagged = ({ since, next }: Explanation): boolean => since === undefined && next === undefined;
    if (account.risk !== undefined) writeRisk(world, account.risk);
    for (const one of account.dimensions.filter((each) => !isUntagged(each)))
      writeDimension(world, one, account.at);
    writeUntagged(world, account.dimensions.filter(isUntagged), account.withoutModel);
  }
  writeHistory(world, history);
}

/** Who somebody is, in sentences. */
export function whoTheyAre(account: PersonAccount, policy: Policy): string[] {
  const { firstSeenAt, lastSeenAt, bought, sold, at } = account;
  const sentences: string[] = [];
  if (firstSeenAt !== undefined && lastSeenAt !== undefined) {
    sentences.push(
      `With us since ${dateOf(firstSeenAt)}, last seen on ${dateOf(lastSeenAt)} (${ago(lastSeenAt, at)}).`,
    );
  } else {
    sentences.push('Known to us only through others: no act of their own so far.');
  }
  if (bought.orders > 0) sentences.push(dealt('Bought', 'order', bought, policy, at));
  if (sold.orders > 0) sentences.push(dealt('Sold', 'sale', sold, policy, at));
  if (bought.orders + sold.orders === 0) sentences.push('Has neither bought nor sold anything.');
  return sentences;
}

function dealt(
  verb: string,
  one: string,
  { orders, value, lastAt }: Dealings,
  policy: Policy,
  at: Instant,
): string {
  const { currency } = policy;
  const last = lastAt === undefined ? '' : `; the last ${one} was on ${dateOf(lastAt)} (${ago(lastAt, at)})`;
  return `${verb} for ${formatMoney(toMinor(value, currency), currency)} in ${formatQuantity(orders, one)}${last}.`;
}

function writeRisk(world: World, { churn30, churn90, model, by, reasons }: Risk): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const percent = (probability: number): string => `${formatShare(probability)}`;
  world.stdout.write('\n');
  told(world, '', `risk of staying away: ${percent(churn90)} within 90 days`, bold);
  line(world, undefined, dim(`${percent(churn30)} within 30 days; ${scoredBy(model, by)}`));
  reasons.forEach(({ logitChange, words }, i) => {
    const label = logitChange > 0 ? 'raised by' : 'lowered by';
    const before = reasons[i - 1];
    const again = before !== undefined && before.logitChange > 0 === logitChange > 0;
    line(world, again ? '' : label, words);
  });
}

export function scoredBy(model: string, by: ServedBy): string {
  if (by === 'network') return `by the model ${model}`;
  const baseline = `by ${SERVED_WORDS[by]} (${model}), which knows orders only`;
  return isPublishedClosedForm(model) ? `${baseline}: no churn model was promoted` : baseline;
}

function writeDimension(world: World, explanation: Explanation, at: Instant): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const { dimension, tag, tagAbout, since, reasons, keeps, failing, next, ways } = explanation;
  const held = since === undefined ? '' : ` since ${dateOf(since)} (${lasted(since, at)})`;
  const title = tag === NO_TAG ? `no tag${held}` : `${tag}${held}`;
  world.stdout.write('\n');
  told(world, '', `${dimension}: ${title}`, bold);
  if (tagAbout !== '') line(world, undefined, dim(tagAbout));
  listed(world, 'why', reasons);
  listed(world, 'stays while', keeps);
  if (failing !== undefined) {
    listed(world, 'no longer met', failing.reasons);
    line(world, 'stays until', `${dateOf(failing.until)}, by the rule's patience`);
  }
  if (next === undefined) {
    if (tag !== NO_TAG) line(world, 'next', 'stays as it is for as long as nothing happens');
  } else {
    const why = onceEach(next.reasons.map(factOf));
    const to = next.tag === NO_TAG ? 'the tag ends' : `becomes ${next.tag}`;
    line(world, 'next', `if nothing happens, ${to} on ${isoOf(next.at)} (in ${lasted(at, next.at)}): ${why}`);
  }
  const [way] = ways;
  if (way !== undefined) line(world, 'could become', wayWords(way));
}

/** Dimensions that say nothing of them yet, a line each. */
function writeUntagged(
  world: World,
  untagged: readonly Explanation[],
  withoutModel: readonly string[],
): void {
  if (untagged.length === 0) return;
  section(world, 'no tag so far');
  for (const { dimension, ways } of untagged) {
    const [way] = ways;
    const why = withoutModel.includes(dimension) ? ': no model in force' : '';
    const rest = way === undefined ? why : `: could become ${wayWords(way)}`;
    line(world, undefined, `${dimension}${rest}`);
  }
}

function wayWords({ tag, needs }: Way): string {
  return `${tag} with ${needs.map(({ words }) => words).join(' and ')}`;
}

function listed(world: World, label: string, reasons: readonly Reason[]): void {
  reasons.forEach(({ words }, i) => {
    line(world, i === 0 ? label : '', words);
  });
}

function writeAhead(world: World, account: PersonAccount, clock: Instant): void {
  section(world, `from ${dateOf(clock)} to ${dateOf(account.at)}, if nothing is heard of them`);
  const { ahead, triggersAhead } = account;
  if (ahead.length === 0) line(world, undefined, 'nothing changes');
  for (const { effectiveAt, dimension, from, to } of ahead) {
    line(world, dateOf(effectiveAt), `${dimension}: ${from} → ${to}`);
  }
  for (const { firedAt, rule } of triggersAhead)
    line(world, dateOf(firedAt), `trigger ${rule.name}: ${rule.about}`);
  line(world, undefined, 'Measures taken over everybody are held as the last review left them.');
}

function writeHistory(world: World, history: readonly TagTransitionRow[] | string): void {
  section(world, 'what changed last');
  if (typeof history === 'string') line(world, undefined, `cannot be told: ${history}`);
  else if (history.length === 0) line(world, undefined, 'nothing so far');
  else for (const row of history) line(world, dateOf(instant(row.effective_at)), transitionWords(row));
}

const CAUSE_WORDS: Readonly<Record<string, string>> = {
  event: 'by what they did',
  time: 'by time alone',
  late_event: 'by news that came late',
  refund: 'by an order taken back',
  merge: 'by a merger of accounts',
  population: 'by a review of everybody',
  policy: 'by an edit of the rules',
  model: 'by a model put in force',
};

/** One change in a sentence, with the first of its reasons. */
export function transitionWords({ dimension, from_tag, to_tag, cause, reasons }: TagTransitionRow): string {
  const words = (JSON.parse(reasons) as readonly (Reason | ChurnReason)[]).map((reason) =>
    'logitChange' in reason ? reasonInWords(reason) : factOf(reason),
  );
  return `${dimension}: ${from_tag} → ${to_tag}, ${CAUSE_WORDS[cause] ?? cause}: ${onceEach(words)}`;
}

/** The person's own number, without what the rule asks for: two thresholds of one feature then say the same. */
function factOf({ words }: Reason): string {
  return words.replace(/; the rule asks for .*$/, '');
}

function onceEach(words: readonly string[]): string {
  return [...new Set(words)].join(', ');
}

/** A label beside wrapped text, or above it where there is no room; without one the text stands at the margin. */
export function line(world: World, label: string | undefined, text: string): void {
  const beside = label === undefined ? '  ' : `  ${label.padEnd(LABEL_CELLS)}  `;
  const width = Math.min(WIDEST, world.stdout.columns);
  const isUnder = label !== undefined && width - beside.length < NARROWEST;
  if (isUnder && label !== '') world.stdout.write(`  ${label}\n`);
  const indent = isUnder ? '    ' : ' '.repeat(beside.length);
  wrap(text, Math.max(NARROWEST, width - indent.length)).forEach((part, i) => {
    world.stdout.write(`${i === 0 && !isUnder ? beside : indent}${part}\n`);
  });
}

function ago(then: Instant, at: Instant): string {
  return `${lasted(then, at)} ago`;
}

function lasted(from: Instant, to: Instant): string {
  const days = Math.floor((to - from) / DAY_MS);
  return days === 1 ? '1 day' : `${formatCount(days)} days`;
}
