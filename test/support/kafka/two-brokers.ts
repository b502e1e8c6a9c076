import { Kafka, logLevel } from 'kafkajs';
import { until } from '../eventually.ts';
import type { BrokerProcess } from './broker-process.ts';
import { freePorts } from './broker-settings.ts';
import { localBroker } from './local-broker.ts';

const START_DEADLINE_MS = 60_000;

/** Two brokers, of which the first is the controller and every group's coordinator. Needs Java: see `isJavaThere`. */
export interface TwoBrokers {
  /** `host:port` of the first, then of the second. */
  readonly addresses: readonly [string, string];
  readonly second: BrokerProcess;
  /** A client of the first broker only, and of the second where that leads a partition. */
  readonly client: Kafka;
  /** A topic of one partition that the second broker leads and the first has a copy of. */
  createTopicOfSecond(topic: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startTwoBrokers(): Promise<TwoBrokers> {
  const [ports, secondPorts] = [await freePorts(), await freePorts()];
  const addresses = [`127.0.0.1:${ports.open}`, `127.0.0.1:${secondPorts.open}`] as const;
  const client = new Kafka({
    ...{ clientId: 'tidemark-test', brokers: [addresses[0]], logLevel: logLevel.NOTHING },
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: START_DEADLINE_MS / 500 },
  });
  const admin = client.admin();
  const leaderOf = async (topic: string) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions[0]?.leader;
  };
  const brokers: BrokerProcess[] = [];
  const stop = async () => {
    await admin.disconnect();
    for (const broker of brokers.splice(0).reverse()) await broker.remove();
  };
  try {
    const first = await localBroker(ports);
    brokers.push(first);
    await first.start();
    await admin.connect();
    const { clusterId } = await admin.describeCluster();
    await becomeCoordinator(client);
    const second = await localBroker(secondPorts, { id: clusterId, controllerPort: ports.controller });
    brokers.push(second);
    await second.start();
    await until(
      'there are two brokers',
      async () => (await admin.describeCluster()).brokers.length === 2,
      START_DEADLINE_MS,
    );
    await until('the second answers', () => answers(addresses[1]), START_DEADLINE_MS);
    return {
      ...{ addresses, second, client, stop },
      createTopicOfSecond: async (topic) => {
        const replicaAssignment = [{ partition: 0, replicas: [2, 1] }];
        await admin.createTopics({ waitForLeaders: false, topics: [{ topic, replicaAssignment }] });
        await until(`${topic} has its leader`, async () => (await leaderOf(topic)) === 2);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A broker is told of to others before it listens, and a client asks any of them to be the controller. */
async function answers(address: string): Promise<boolean> {
  const settings = { clientId: 'tidemark-test', brokers: [address], logLevel: logLevel.NOTHING };
  const admin = new Kafka({ ...settings, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length === 2;
  } finally {
    await admin.disconnect();
  }
}

/** The topic of groups lies on the brokers that are there when the first group is asked for. */
async function becomeCoordinator(client: Kafka): Promise<void> {
  const topic = 'before-the-second';
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] });
  await until('groups have a coordinator', async () => {
    await admin.setOffsets({ groupId: topic, topic, partitions: [{ partition: 0, offset: '0' }] });
    return true;
  });
  await admin.disconnect();
}
