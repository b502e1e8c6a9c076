import { KafkaPublisher } from '../adapters/kafka/kafka-publisher.ts';
import { encodeSegment } from '../adapters/segment/encode-segment.ts';
import type { SimulatedRecord } from '../adapters/simulator/outbox.ts';
import { kafkaConnectionOf, kafkaLogOf } from './run-connections.ts';
import type { World } from './world.ts';

/** Far below what a broker takes as one batch, and enough for the way there and back not to count. */
const RECORDS_A_SEND = 500;

/**
 * Writes blocks to a topic of the settings' Kafka as Segment calls keyed by person, each partition in their order.
 * The next records are asked for once the brokers have these, so memory is that of a block whatever the brokers'
 * pace. Rejects with `KAFKA_TOPICS` when there is no such topic, else as {@link KafkaPublisher.send} does; what the
 * blocks throw passes through.
 */
export async function sendRecords(
  topic: string,
  blocks: AsyncIterable<readonly SimulatedRecord[]>,
  world: World,
): Promise<void> {
  const publisher = new KafkaPublisher({
    connection: kafkaConnectionOf(world.config),
    log: kafkaLogOf(world),
    compression: 'lz4',
  });
  try {
    for await (const block of blocks) {
      for (let from = 0; from < block.length; from += RECORDS_A_SEND) {
        const records = block.slice(from, from + RECORDS_A_SEND);
        await publisher.send(
          topic,
          records.map((record) => ({ key: record.event.personId, value: encodeSegment(record) })),
        );
      }
    }
  } finally {
    await publisher.close();
  }
}
