import kafkajs, { type ICustomPartitioner, type RecordMetadata } from 'kafkajs';

/**
 * Which partitions the messages of a send go to, and which of these no broker answered for. The client takes a send for done
 * once every broker has answered that it asked, also where a partition whose messages one of them refused has got another
 * of them for its leader, which is then not asked again (kafkajs 2.2.4, sendMessages.js). For one send at a time.
 */
export class OwedAnswers {
  private readonly owed = new Set<string>();

  /** Kafka's default partitioner, whose choices count. */
  readonly partitioner: ICustomPartitioner = () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    return (among) => {
      const partition = choose(among);
      this.owed.add(placeOf(among.topic, partition));
      return partition;
    };
  };

  begin(): void {
    this.owed.clear();
  }

  /** Throws when messages may not have been written. */
  settle(answers: readonly Pick<RecordMetadata, 'topicName' | 'partition'>[]): void {
    for (const { topicName, partition } of answers) this.owed.delete(placeOf(topicName, partition));
    if (this.owed.size > 0) throw new Error(`no broker answered for ${[...this.owed].join(', ')}`);
  }
}

function placeOf(topic: string, partition: number): string {
  return `${topic}[${partition}]`;
}
