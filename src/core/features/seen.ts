import type { ByteReader, ByteWriter } from '../bytes.ts';
import { DAY_MS, HOUR_MS, type Instant } from '../time.ts';

/** A fact whose key came again within this time of its first arrival counts once … */
export const DUPLICATE_HORIZON_MS = 3 * DAY_MS;
/** … among so many newest facts of the person: one person with half the traffic must not fill the memory. */
export const DUPLICATE_HORIZON_FACTS = 2048;

/**
 * Keys of the facts that arrived within the duplicate horizon. Sources resend after minutes or hours; what is
 * older is forgotten, by the hour of arrival: `settle` before `add`, or old keys are still known. (Orders, refunds
 * and disputes have identities of their own and are told apart for a year.)
 */
export class Seen {
  private readonly keys: number[] = [];
  /** Hour of arrival since the epoch, ascending like the keys' arrival. */
  private readonly hours: number[] = [];

  /** @returns false when the key is known */
  add(key: number, now: Instant): boolean {
    if (this.keys.includes(key)) return false;
    this.keys.push(key);
    this.hours.push(Math.floor(now / HOUR_MS));
    if (this.keys.length > DUPLICATE_HORIZON_FACTS) this.forget(1);
    return true;
  }

  /** Both histories were seen; `now` is not earlier than either. */
  merge(other: Seen): void {
    const all = [
      ...this.keys.map((key, i) => ({ key, hour: this.hours[i] ?? 0 })),
      ...other.keys.map((key, i) => ({ key, hour: other.hours[i] ?? 0 })),
    ];
    all.sort((a, b) => a.hour - b.hour);
    this.keys.length = 0;
    this.hours.length = 0;
    const known = new Set<number>();
    for (const { key, hour } of all) {
      if (known.has(key)) continue;
      known.add(key);
      this.keys.push(key);
      this.hours.push(hour);
    }
    this.forget(Math.max(0, this.keys.length - DUPLICATE_HORIZON_FACTS));
  }

  settle(now: Instant): void {
    let gone = 0;
    while (gone < this.hours.length && ((this.hours[gone] ?? 0) + 1) * HOUR_MS <= now - DUPLICATE_HORIZON_MS)
      gone++;
    if (gone > 0) this.forget(gone);
  }

  /** Hours are written as distances back from that of `base`, newest first. */
  write(writer: ByteWriter, base: Instant): void {
    writer.unsigned(this.keys.length);
    for (let i = this.keys.length - 1, next = Math.floor(base / HOUR_MS); i >= 0; i--) {
      const hour = this.hours[i] ?? 0;
      writer.fixed48(this.keys[i] ?? 0);
      writer.unsigned(next - hour);
      next = hour;
    }
  }

  static read(reader: ByteReader, base: Instant): Seen {
    const seen = new Seen();
    for (let n = reader.unsigned(), next = Math.floor(base / HOUR_MS); n > 0; n--) {
      seen.keys.push(reader.fixed48());
      next -= reader.unsigned();
      seen.hours.push(next);
    }
    seen.keys.reverse();
    seen.hours.reverse();
    return seen;
  }

  private forget(oldest: number): void {
    this.keys.splice(0, oldest);
    this.hours.splice(0, oldest);
  }
}
