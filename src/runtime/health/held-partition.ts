import type { Instant } from '../../core/time.ts';
import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import type { LastingOutage, PartitionSight, SourceKind, WorkingRole } from '../../ports/telemetry.ts';
import { SourceLag, readThrough } from './source-lag.ts';

/** A partition from the grant to the end of the work on it: what it waits for, and when it last gave a sign of life. */
export class HeldPartition implements PartitionSight {
  readonly role: WorkingRole;
  readonly partition: number;
  until: Instant | undefined;
  clock: Instant | undefined;
  private readonly now: () => Instant;
  private readonly waiting = new Map<LastingOutage['of'], LastingOutage>();
  private readonly lags = new Map<string, SourceLag>();
  private seenAt: Instant;
  private tellingSince: Instant | undefined;

  constructor(role: WorkingRole, partition: number, now: () => Instant) {
    this.role = role;
    this.partition = partition;
    this.now = now;
    this.seenAt = now();
  }

  /** Says that the loop turns. */
  seen(): void {
    this.seenAt = this.now();
  }

  /** How long nothing was seen of it; 0 while it is on its publisher to answer, which ends by itself. */
  get silentMs(): number {
    return this.tellingSince === undefined ? this.now() - this.seenAt : 0;
  }

  /** How long it has been on its publisher to answer; 0 while it is not. */
  get tellingMs(): number {
    return this.tellingSince === undefined ? 0 : this.now() - this.tellingSince;
  }

  /** Notes a try that failed. @returns whether something began with it, rather than went on */
  waits(of: LastingOutage['of'], code: string): boolean {
    this.seen();
    const known = this.waiting.get(of);
    if (known?.code === code) return false;
    this.waiting.set(of, { of, code, since: known?.since ?? this.now() });
    return true;
  }

  /** @returns what ended with it, if anything was waited for */
  goesOn(of: LastingOutage['of']): LastingOutage | undefined {
    this.seen();
    const ended = this.waiting.get(of);
    this.waiting.delete(of);
    return ended;
  }

  get outages(): readonly LastingOutage[] {
    return [...this.waiting.values()];
  }

  get behind(): Partial<Record<SourceKind, number>> {
    const behind: Partial<Record<SourceKind, number>> = {};
    for (const { kind, records } of this.lags.values()) behind[kind] = (behind[kind] ?? 0) + records;
    return behind;
  }

  /** The same assignment, with an eye on how much of it is read and worked off. */
  watch<Content>(
    assignment: Assignment<Content>,
    onRead: (kind: SourceKind, records: number) => void,
  ): Assignment<Content> {
    const { partition, sources, factSources, revoked } = assignment;
    const kindOf = (source: string): SourceKind =>
      this.role === 'sink' ? 'rows' : factSources.includes(source) ? 'facts' : 'events';
    return {
      ...{ partition, sources, factSources, revoked },
      read: (source, from, stop) => {
        const lag = new SourceLag(kindOf(source));
        this.lags.set(source, lag);
        return readThrough(assignment.read(source, from, stop), (block) => {
          lag.read(block);
          onRead(lag.kind, block.records.length);
        });
      },
      processed: (offsets) => {
        for (const [source, next] of Object.entries(offsets)) this.lags.get(source)?.worked(next);
        assignment.processed(offsets);
      },
    };
  }

  /** The same store; every answer of it is a sign of life, and how long commits take is told. */
  watchStore(store: StateStore, onCommit: (tookMs: number) => void): StateStore {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        const call = member.bind(target) as (...given: readonly unknown[]) => unknown;
        return (...given: readonly unknown[]) => {
          const beganAt = performance.now();
          const answer = call(...given);
          if (!(answer instanceof Promise)) return answer;
          return answer.then((value: unknown) => {
            this.seen();
            if (name === 'commit') onCommit(performance.now() - beganAt);
            return value;
          });
        };
      },
    });
  }

  /** The same publisher, with an eye on how long it takes. */
  watchPublisher(publisher: AnnouncementPublisher): AnnouncementPublisher {
    return {
      publish: async (entries) => {
        this.tellingSince = this.now();
        try {
          await publisher.publish(entries);
        } finally {
          this.tellingSince = undefined;
          this.seen();
        }
      },
    };
  }
}
