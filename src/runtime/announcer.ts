import { deterministicId } from '../core/ids.ts';
import type { Policy } from '../core/tagging/policy.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../ports/analytics.ts';
import type { Claim, OutboxEntry, StateStore } from '../ports/state-store.ts';
import { deadLetterRow, transitionRow, triggerRow } from './analytics-rows.ts';

export interface AnnouncerOptions {
  readonly store: StateStore;
  readonly analytics: AnalyticsWriter;
  readonly policy: Policy;
  /** Rows per insert: large ones are what ClickHouse is made for. */
  readonly batchRows: number;
}

/**
 * Takes what was committed to the analysts, at least once and in order; an entry is forgotten only after its
 * rows are stored. The token of a batch is made of the ids in it, so a repeat after a crash is dropped whole,
 * and one cut differently still meets the rows' own identity.
 */
export class Announcer {
  private readonly options: AnnouncerOptions;

  constructor(options: AnnouncerOptions) {
    this.options = options;
  }

  /** Writes full batches, and with `all` the rest too. */
  async drain(claims: readonly Claim[], all: boolean): Promise<void> {
    const { store, batchRows } = this.options;
    for (const claim of claims) {
      for (;;) {
        const entries = await store.outbox(claim, batchRows);
        const last = entries.at(-1);
        if (last === undefined || (!all && entries.length < batchRows)) break;
        await this.write(entries);
        await store.trim(claim, last.sequence);
      }
    }
  }

  private async write(entries: readonly OutboxEntry[]): Promise<void> {
    const { policy, analytics } = this.options;
    const transitions: AnalyticsRows['tag_transitions'][number][] = [];
    const triggers: AnalyticsRows['trigger_events'][number][] = [];
    const letters: AnalyticsRows['dead_letters'][number][] = [];
    const ids: string[] = [];
    for (const { announcement } of entries) {
      if (announcement.kind === 'transition') {
        const { transition } = announcement;
        transitions.push(transitionRow(transition, transition.effectiveAt, policy));
        ids.push(transition.id);
      } else if (announcement.kind === 'trigger') {
        triggers.push(triggerRow(announcement.trigger, announcement.muted, policy));
        ids.push(announcement.trigger.id);
      } else if (announcement.kind === 'facts') {
        throw new Error(
          `facts for partition ${announcement.forwarded.partition}, which nobody else works on`,
        );
      } else {
        letters.push(deadLetterRow(announcement.letter));
        ids.push(`${announcement.letter.source}:${announcement.letter.offset}`);
      }
    }
    await analytics.write(deterministicId(...ids), {
      tag_transitions: transitions,
      trigger_events: triggers,
      dead_letters: letters,
    });
  }
}
