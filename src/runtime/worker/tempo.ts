import { plus, type Instant } from '../../core/time.ts';

/** Who begins is slow, and is to be seen at work soon. */
const FIRST_TURN_RECORDS = 100;
/** A turn costs much, whoever is in it. */
const CROWD = 4;
/** Further behind than this, nobody waits for a single event. */
const FAR_BEHIND_MS = 60_000;
/** While far behind. Each turn is given twice as long as the one before, so that the first is over soon. */
const LONGEST_LINGER_MS = 2_000;

/** While what happens now is taken in. */
export interface LivePace {
  /** Records per commit at most: more share a write, fewer answer sooner. */
  readonly turnRecords: number;
  /** How long a record may wait for others to be committed with. */
  readonly lingerMs: number;
  /** What arrives may take so long to be read; time passes that much later. */
  readonly settleMs: number;
  /** People whose time has come who are taken at once: live records wait for no more of them. */
  readonly sweepPeople: number;
}

/**
 * How much is done at once: little while what happens now is taken in, so that nobody waits long; much while a past is
 * caught up on, since whoever is touched twice in a turn is read, written and looked at once.
 */
export class Tempo {
  private readonly live: LivePace;
  private isFarBehind = false;
  private linger: number;
  private records = FIRST_TURN_RECORDS;

  constructor(live: LivePace) {
    this.live = live;
    this.linger = live.lingerMs;
  }

  /** Everything up to `until` is in. */
  looked(until: Instant, now: Instant): void {
    this.isFarBehind = plus(until, this.live.settleMs + FAR_BEHIND_MS) < now;
    if (!this.isFarBehind) this.linger = this.live.lingerMs;
  }

  /** The same, after a turn. */
  turned(until: Instant, now: Instant): void {
    this.records = Math.min(this.records * 2, this.live.turnRecords);
    this.linger = Math.min(Math.max(1, this.linger) * 2, LONGEST_LINGER_MS);
    this.looked(until, now);
  }

  get isCatchingUp(): boolean {
    return this.isFarBehind;
  }

  get turnRecords(): number {
    return Math.min(this.records, this.live.turnRecords);
  }

  get lingerMs(): number {
    return Math.max(this.linger, this.live.lingerMs);
  }

  /** Of the many whose time has come at once, how many are taken in a turn of their own. */
  get crowdPeople(): number {
    return CROWD * this.live.sweepPeople;
  }

  /** Of those whose time has come, how many are taken with so many records. */
  sweepPeople(records: number): number {
    return this.isFarBehind ? Math.max(records, this.live.sweepPeople) : this.live.sweepPeople;
  }
}
