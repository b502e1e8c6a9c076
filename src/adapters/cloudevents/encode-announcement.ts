import type { Policy } from '../../core/tagging/policy.ts';
import { isoOf } from '../../core/time.ts';
import { transitionEvent } from '../../core/triggers/transition-event.ts';
import { triggerEvent } from '../../core/triggers/trigger.ts';
import type { Announcement, DeadLetter } from '../../ports/state-store.ts';
import { encodeFacts } from './forwarded-facts-codec.ts';
import { MUTED_TRIGGER, TRIGGER } from './event-types.ts';

/** One announcement as it leaves us. */
export interface EncodedAnnouncement {
  readonly text: string;
  /** As a media type. */
  readonly contentType: string;
}

const EVENT = 'application/cloudevents+json; charset=UTF-8';
const JSON_TEXT = 'application/json';

/**
 * Says announcements under a policy: transitions and triggers as CloudEvents 1.0 in the structured mode, dead letters
 * and facts as plain JSON. The same announcement gives the same text.
 *
 * A muted trigger is the event that would have been sent, under a type of its own ({@link MUTED_TRIGGER}): whoever acts
 * upon triggers selects them by type and never takes it for one, and the analysts' row is made of it all the same. It
 * belongs into the topic of tags, the record of everything that was decided; that of triggers holds calls for action only.
 */
export function announcementEncoder(policy: Policy): (announcement: Announcement) => EncodedAnnouncement {
  return (announcement) => {
    switch (announcement.kind) {
      case 'transition':
        return { text: JSON.stringify(transitionEvent(announcement.transition, policy)), contentType: EVENT };
      case 'trigger': {
        const event = triggerEvent(announcement.trigger, policy);
        const type = announcement.muted ? MUTED_TRIGGER + event.type.slice(TRIGGER.length) : event.type;
        return { text: JSON.stringify({ ...event, type }), contentType: EVENT };
      }
      case 'dead_letter':
        return { text: JSON.stringify(letterMessage(announcement.letter)), contentType: JSON_TEXT };
      case 'facts':
        return { text: encodeFacts(announcement.forwarded), contentType: JSON_TEXT };
    }
  };
}

function letterMessage({ source, offset, place, rejection, raw, receivedAt }: DeadLetter) {
  const { reason, detail } = rejection;
  return { source, offset, place, reason, detail, raw, receivedAt: isoOf(receivedAt) };
}
