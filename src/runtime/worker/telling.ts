import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { Claim, Progress, StateStore } from '../../ports/state-store.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import { NotedProgress } from './noted-progress.ts';
import { drainOutbox } from './outbox-drain.ts';

export interface TellingOptions {
  readonly store: StateStore;
  readonly publisher: AnnouncementPublisher;
  readonly clock: WallClock;
  /** Outbox entries published at once. */
  readonly publishEntries: number;
}

/**
 * Tells the world what a partition has stored, and the other partitions how far it has come: never that before what they
 * are stated is published. One thing after the other; what goes on while other work does rejects the next call.
 */
export class Telling {
  private readonly options: TellingOptions;
  private readonly claims: () => readonly Claim[];
  private readonly noted: NotedProgress;
  private underWay: Promise<void> = Promise.resolve();

  constructor(options: TellingOptions, claims: () => readonly Claim[]) {
    this.options = options;
    this.claims = claims;
    this.noted = new NotedProgress(options.store, options.clock);
  }

  /** What is stored by now is published, and then noted, while other work goes on; first what is under way. */
  async begin(progress: Omit<Progress, 'sent'>): Promise<void> {
    await this.underWay;
    this.underWay = this.drain().then(() => this.write(progress));
    // Whoever asks whether it is done hears of it.
    this.underWay.catch(() => undefined);
  }

  /** Nothing is under way any more. */
  async done(): Promise<void> {
    await this.underWay;
  }

  async publish(): Promise<void> {
    await this.underWay;
    await this.drain();
  }

  async note(progress: Omit<Progress, 'sent'>): Promise<void> {
    await this.underWay;
    await this.write(progress);
  }

  private async drain(): Promise<void> {
    const { store, publisher, publishEntries } = this.options;
    for (const claim of this.claims()) {
      await this.noted.recall(claim);
      // Known before it is forgotten here: nobody may think that nothing is under way.
      await drainOutbox(store, claim, publisher, publishEntries, (forwarded) =>
        this.noted.noteSent(claim, forwarded),
      );
    }
  }

  private async write(progress: Omit<Progress, 'sent'>): Promise<void> {
    for (const claim of this.claims()) await this.noted.note(claim, progress);
  }
}
