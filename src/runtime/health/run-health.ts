import type { Instant } from '../../core/time.ts';
import type { WorkingRole } from '../../ports/telemetry.ts';
import { HeldPartition } from './held-partition.ts';

/** Why a process is not ready, or not alive; none of it is about a person. */
export interface Complaint {
  readonly reason: 'joining' | 'stopping' | 'outage' | 'telling' | 'silent';
  readonly role?: WorkingRole;
  readonly partition?: number;
  /** An error code. */
  readonly code?: string;
  readonly forMs?: number;
}

/** Longer than any single step of a loop that works takes. */
export const SILENT_AFTER_MS = 60_000;
/** Longer than a broker that works takes to answer. */
export const TELLING_AFTER_MS = 10_000;

/** Whether this process lives and gets on, as its roles and partitions see it. Kept in memory, asked at any time. */
export class RunHealth {
  private readonly now: () => Instant;
  private readonly held = new Set<HeldPartition>();
  private readonly joining = new Set<WorkingRole>();
  private isStopping = false;

  constructor(now: () => Instant, roles: readonly WorkingRole[]) {
    this.now = now;
    for (const role of roles) this.joining.add(role);
  }

  get partitions(): ReadonlySet<HeldPartition> {
    return this.held;
  }

  joined(role: WorkingRole): void {
    this.joining.delete(role);
  }

  /** From now on it is not ready, whatever else is well. */
  stopping(): void {
    this.isStopping = true;
  }

  /** Until {@link RunHealth.release}: a partition is watched as long as somebody works on it, revoked or not. */
  hold(role: WorkingRole, partition: number): HeldPartition {
    const held = new HeldPartition(role, partition, this.now);
    this.held.add(held);
    return held;
  }

  release(held: HeldPartition): void {
    this.held.delete(held);
  }

  /** Why it is not ready: it is not in its group yet, leaves it, or waits for something. Empty when it is. */
  unready(): readonly Complaint[] {
    const complaints: Complaint[] = [...this.joining].map((role) => ({ reason: 'joining', role }));
    if (this.isStopping) complaints.push({ reason: 'stopping' });
    const now = this.now();
    for (const { role, partition, outages, tellingMs } of this.held) {
      for (const { code, since } of outages)
        complaints.push({ reason: 'outage', role, partition, code, forMs: now - since });
      if (tellingMs > TELLING_AFTER_MS)
        complaints.push({ reason: 'telling', role, partition, forMs: tellingMs });
    }
    return complaints;
  }

  /**
   * Why it does not live: the loop of a worker has not been seen for a minute. An outage is no reason, as a new process
   * would have to wait for its end too; nor is a silent sink, which has nothing to do until rows come.
   */
  dead(): readonly Complaint[] {
    return [...this.held]
      .filter(({ role, silentMs }) => role === 'worker' && silentMs > SILENT_AFTER_MS)
      .map(({ role, partition, silentMs }) => ({ reason: 'silent', role, partition, forMs: silentMs }));
  }
}
