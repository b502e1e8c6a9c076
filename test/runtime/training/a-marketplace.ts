import type { EventProperties } from '../../../src/core/events/event.ts';
import { seededDraws } from '../../../src/core/scoring/segments/seeded-draws.ts';
import { DAY_MS, instant, plus } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { numbered } from '../../support/listed-source.ts';

export const OPENED_AT = instant(Date.UTC(2025, 0, 1));

/** Who someone is by the value they bring, and by the style they do it in. */
const VALUES = ['gone', 'best', 'coming', 'looking'] as const;
const STYLES = ['new', 'dear', 'talking', 'plain'] as const;

/**
 * `each` people of every kind of value and style, from the opening for `days` days. Those who are gone bought for 60
 * days; the best order every week or so; those who come are there as often, and order every two months; and some only
 * look. Of their styles, one looks at new arrivals, one buys dearly, one talks, and one does nothing in particular.
 */
export function aMarketplace(each: number, days: number, seed: number): SourceRecord[] {
  const draw = seededDraws(seed);
  const events: { event: SourceEvent; receivedAt: SourceEvent['at'] }[] = [];
  for (let i = 0; i < each * VALUES.length * STYLES.length; i++) {
    const value = VALUES[i % VALUES.length];
    const style = STYLES[Math.floor(i / VALUES.length) % STYLES.length];
    const personId = `p${i}`;
    const act = (name: string, day: number, properties: EventProperties = {}): void => {
      const at = plus(OPENED_AT, Math.floor((day + 0.9 * draw()) * DAY_MS));
      events.push({
        event: { messageId: `${personId}-${name}-${events.length}`, personId, at, name, properties },
        receivedAt: at,
      });
    };
    const price = style === 'dear' ? 90_000 : 6_000;
    const order = (day: number): void => {
      const totalMinor = Math.round(price * (0.8 + 0.4 * draw()));
      act('Order Completed', day, { orderId: `${personId}-${day}`, totalMinor });
    };
    const visitEvery = 3 + Math.floor(2 * draw());
    const orderEvery =
      value === 'best' ? 6 + 3 * draw() : value === 'gone' ? 20 + 10 * draw() : 50 + 20 * draw();
    for (let day = i % 3; day < (value === 'gone' ? 60 : days); day += visitEvery) {
      for (let view = 0; view < 5; view++)
        act('Product Viewed', day, { newArrival: draw() < (style === 'new' ? 0.8 : 0.15) });
      if (style === 'talking' && draw() < 0.7) act('Community Posted', day);
    }
    if (value === 'looking') continue;
    for (let day = 3 * draw(); day < (value === 'gone' ? 60 : days); day += orderEvery)
      order(Math.floor(day));
  }
  return numbered(events.sort((a, b) => a.receivedAt - b.receivedAt));
}

type SourceEvent = Parameters<typeof numbered>[0][number]['event'];
