import { partitionOf } from '../../core/partition.ts';
import { TidemarkError } from '../../errors.ts';
import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { Announcement, OutboxEntry } from '../../ports/state-store.ts';
import { connectKafka } from './connect-kafka.ts';
import { KafkaPublisher, type KafkaPublisherSettings, type OutgoingMessage } from './kafka-publisher.ts';
import { TopicLookup } from './topic-lookup.ts';

/** The names of the topics. */
export interface AnnouncementTopics {
  /** Every transition, and the triggers that are muted: all that was decided. */
  readonly tags: string;
  /** Triggers that call for action. */
  readonly triggers: string;
  readonly deadLetters: string;
  /** Facts about people of other partitions; one partition for each of the state's. */
  readonly facts: string;
}

export interface KafkaAnnouncementsSettings extends KafkaPublisherSettings {
  readonly topics: AnnouncementTopics;
  /** What a message says; the same announcement gives the same text. */
  readonly encode: (announcement: Announcement) => { readonly text: string; readonly contentType: string };
}

type TopicRole = keyof AnnouncementTopics;

/** Brokers take 1 MB a batch unless told otherwise; keys, headers and framing come on top of what is counted. */
const MAX_SEND_BYTES = 800_000;
const MESSAGE_OVERHEAD_BYTES = 200;

/**
 * Takes announcements to Kafka. Those about a person are keyed by the id and lie where {@link partitionOf} says, whatever
 * the producer's own partitioner would do; dead letters are keyed by their source; facts go to the partition they name.
 *
 * The topics are written side by side, each in the order of the entries and one send after the other, so that of what a
 * failed `publish` left behind every partition holds a beginning. Muted triggers go to the topic of tags: subscribers of
 * triggers act upon what they get. Memory: what one call was given. A message that is larger than the broker takes
 * is `KAFKA_REFUSED`, and nothing goes on until the broker's `message.max.bytes` is raised.
 */
export class KafkaAnnouncements implements AnnouncementPublisher {
  private readonly publisher: KafkaPublisher;
  private readonly topics: AnnouncementTopics;
  private readonly encode: KafkaAnnouncementsSettings['encode'];
  private readonly partitions: Readonly<Record<TopicRole, number>>;

  private constructor(
    { topics, encode, ...settings }: KafkaAnnouncementsSettings,
    partitions: Readonly<Record<TopicRole, number>>,
  ) {
    this.publisher = new KafkaPublisher(settings);
    this.topics = topics;
    this.encode = encode;
    this.partitions = partitions;
  }

  /**
   * Asks how many partitions the topics have; they may differ, and must not change while this is open. Rejects with
   * `KAFKA_TOPICS` when one is missing, and when the cluster cannot be reached or refuses us.
   */
  static async open(settings: KafkaAnnouncementsSettings): Promise<KafkaAnnouncements> {
    const { connection, log, topics } = settings;
    const lookup = new TopicLookup(connectKafka(connection, log), connection.brokers);
    const count = (role: TopicRole) => lookup.partitionsOf([topics[role]]);
    try {
      const [tags, triggers, deadLetters, facts] = await Promise.all([
        count('tags'),
        count('triggers'),
        count('deadLetters'),
        count('facts'),
      ]);
      return new KafkaAnnouncements(settings, { tags, triggers, deadLetters, facts });
    } finally {
      await lookup.close();
    }
  }

  async publish(entries: readonly OutboxEntry[]): Promise<void> {
    const byTopic = new Map<string, OutgoingMessage[]>();
    for (const { announcement } of entries) {
      const { role, key, partition } = this.placeOf(announcement);
      const { text, contentType } = this.encode(announcement);
      const message = { key, value: text, partition, headers: { 'content-type': contentType } };
      const topic = this.topics[role];
      const messages = byTopic.get(topic);
      if (messages === undefined) byTopic.set(topic, [message]);
      else messages.push(message);
    }
    // Until all have ended: whoever is told of a failure gives everything again, and must not overtake what is under way.
    const sent = await Promise.allSettled(
      [...byTopic].map(([topic, messages]) => this.sendInOrder(topic, messages)),
    );
    const failed = sent.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** To be called once nothing is being published. */
  close(): Promise<void> {
    return this.publisher.close();
  }

  private async sendInOrder(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    for (let from = 0; from < messages.length;) {
      let bytes = 0;
      let to = from;
      for (; to < messages.length; to++) {
        bytes += Buffer.byteLength(messages[to]?.value ?? '') + MESSAGE_OVERHEAD_BYTES;
        if (bytes > MAX_SEND_BYTES && to > from) break;
      }
      await this.publisher.send(topic, messages.slice(from, to));
      from = to;
    }
  }

  private placeOf(announcement: Announcement): { role: TopicRole; key: string | null; partition: number } {
    switch (announcement.kind) {
      case 'transition':
        return this.keyed('tags', announcement.transition.personId);
      case 'trigger':
        return this.keyed(announcement.muted ? 'tags' : 'triggers', announcement.trigger.transition.personId);
      case 'dead_letter':
        return this.keyed('deadLetters', announcement.letter.source);
      case 'facts': {
        const { partition } = announcement.forwarded;
        if (partition >= this.partitions.facts) throw this.noPartition(partition);
        return { role: 'facts', key: null, partition };
      }
    }
  }

  private keyed(role: TopicRole, key: string): { role: TopicRole; key: string; partition: number } {
    return { role, key, partition: partitionOf(key, this.partitions[role]) };
  }

  private noPartition(partition: number): TidemarkError {
    const { facts } = this.partitions;
    return new TidemarkError(
      'KAFKA_TOPICS',
      `facts are for partition ${partition}, and ${this.topics.facts} had ${facts} partitions when it was opened`,
      'Give the topic as many partitions as the source topics have, and start again.',
    );
  }
}
