import { instant, plus, type Instant } from '../../core/time.ts';
import type { ForwardedFacts } from '../../ports/forwarded-facts.ts';
import type { Claim, Progress, StateStore } from '../../ports/state-store.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import { fenced } from '../fenced.ts';
import type { Sent } from './outbox-drain.ts';

/** How often the same progress is noted again, should a store have lost it. */
const NOTE_AGAIN_MS = 5000;

/** What the others are told of how far a partition has come, by whoever has claimed it. */
export class NotedProgress {
  private readonly store: Pick<StateStore, 'progress' | 'noteProgress'>;
  private readonly clock: WallClock;
  private readonly sent: Sent = {};
  private noted: Progress = { until: instant(0), sent: {}, taken: {} };
  private notedAt: Instant = instant(0);
  private isRecalled = false;

  constructor(store: Pick<StateStore, 'progress' | 'noteProgress'>, clock: WallClock) {
    this.store = store;
    this.clock = clock;
  }

  /** What was sent by those who had the partition before: as of the claim, since they can add nothing after it. */
  async recall({ partition }: Claim): Promise<void> {
    if (this.isRecalled) return;
    this.noted = (await this.store.progress())[partition] ?? this.noted;
    Object.assign(this.sent, structuredClone(this.noted.sent));
    this.isRecalled = true;
  }

  /** These facts are under way. Only after {@link NotedProgress.recall}. */
  async noteSent(claim: Claim, forwarded: readonly ForwardedFacts[]): Promise<void> {
    for (const { partition, origin } of forwarded)
      (this.sent[partition] ??= {})[origin.source] = origin.offset + 1;
    await this.write(claim, { ...this.noted, sent: this.sent });
  }

  /** Writes nothing that was noted just now. Throws `COMMIT_FENCED` when the partition is not what it was. */
  async note(claim: Claim, others: Omit<Progress, 'sent'>): Promise<void> {
    const progress = { ...others, sent: this.sent };
    const isKnown = JSON.stringify(progress) === JSON.stringify(this.noted);
    if (isKnown && this.clock.now() < plus(this.notedAt, NOTE_AGAIN_MS)) return;
    await this.write(claim, progress);
  }

  private async write(claim: Claim, progress: Progress): Promise<void> {
    this.noted = structuredClone(progress);
    this.notedAt = this.clock.now();
    if ((await this.store.noteProgress(claim, this.noted)) === 'fenced') throw fenced();
  }
}
