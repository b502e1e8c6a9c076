import { partitionedSourceContract } from '../../contracts/partitioned-source-contract.ts';
import { KAFKA_START_MS, startKafka } from '../../support/kafka/start-kafka.ts';
import { KafkaWorld } from './a-kafka-source.ts';

partitionedSourceContract('Kafka', async () => KafkaWorld.at(await startKafka()), KAFKA_START_MS);
