import { TRIGGERS } from './installation.ts';
import type { Heard } from './listener.ts';

/** From events to what subscribers hear of them, in milliseconds. Only decisions that an event caused count. */
export class Journeys {
  toTag: number[] = [];
  toTrigger: number[] = [];
  private sentAt = new Map<string, number>();
  private readonly beganOf = new Map<string, number>();
  /** Triggers that came before the change of the tag that called for them. */
  private readonly early = new Map<string, number[]>();

  began(messageId: string, at: number): void {
    this.sentAt.set(messageId, at);
  }

  hear({ topic, at, data: { transitionId, cause, causeRef = '' } }: Heard): void {
    if (cause !== 'event') return;
    if (topic === TRIGGERS) {
      const began = this.beganOf.get(transitionId);
      if (began !== undefined) this.toTrigger.push(at - began);
      else this.early.set(transitionId, [...(this.early.get(transitionId) ?? []), at]);
      return;
    }
    const began = this.sentAt.get(causeRef);
    if (began === undefined) return;
    this.toTag.push(at - began);
    this.beganOf.set(transitionId, began);
    for (const heardAt of this.early.get(transitionId) ?? []) this.toTrigger.push(heardAt - began);
    this.early.delete(transitionId);
  }

  /** What went before is not part of the measurement. */
  forget(): void {
    this.toTag = [];
    this.toTrigger = [];
    this.sentAt = new Map();
  }
}
