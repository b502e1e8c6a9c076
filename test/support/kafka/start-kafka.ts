import { Kafka, logLevel, type Admin } from 'kafkajs';
import type { BrokerProcess } from './broker-process.ts';
import { freePorts } from './broker-settings.ts';
import { dockerBroker, isDockerThere } from './docker-broker.ts';
import { isJavaThere, localBroker } from './local-broker.ts';
import { until } from '../eventually.ts';
import { TcpProxy } from '../tcp-proxy.ts';

const START_DEADLINE_MS = 90_000;

/** How long a hook that starts a broker may take: the jars may have to be fetched first. */
export const KAFKA_START_MS = 200_000;

export interface KafkaUnderTest {
  /** `host:port` of a listener without TLS or SASL. */
  readonly address: string;
  readonly admin: Admin;
  /** `cleanup` and the like are settings of the topic. */
  createTopic(name: string, partitions: number, settings?: Readonly<Record<string, string>>): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  /** Ends the broker, if it is ours, and removes its data. */
  stop(): Promise<void>;
}

export interface OwnKafka extends KafkaUnderTest {
  /** `host:port` of the listener that wants SASL (broker-settings.ts says who). */
  readonly saslAddress: string;
  /** Starts a proxy in front of the broker: who connects to it is never told of another address. One at a time. */
  startProxy(): Promise<TcpProxy>;
  /** SIGKILL: it ends without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again with the same ports and data, after a kill of it where it still runs; resolves once it is ready. */
  restart(): Promise<void>;
  /** SIGSTOP: it keeps its connections, and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Runs a main class of Kafka's own tools; gives what it printed. */
  tool(main: string, args: readonly string[], input?: string): Promise<string>;
}

/**
 * A real Kafka for one test file: the one at `TIDEMARK_TEST_KAFKA` where that is set, else one of our own. Rejects
 * with the three ways to get one where there is none.
 */
export async function startKafka(): Promise<KafkaUnderTest> {
  const address = process.env['TIDEMARK_TEST_KAFKA'];
  if (address === undefined || address === '') return startOwnKafka();
  const admin = await connectAdmin(address, () => Promise.resolve(''));
  return { address, ...topicsThrough(admin), stop: () => admin.disconnect() };
}

/** A broker that a test may kill, pause and restart; never the one from the environment. */
export async function startOwnKafka(): Promise<OwnKafka> {
  const ports = await freePorts();
  const broker = await ownBroker(ports);
  const address = `127.0.0.1:${ports.open}`;
  try {
    await broker.start();
    const admin = await connectAdmin(address, broker.said);
    return {
      address,
      saslAddress: `127.0.0.1:${ports.sasl}`,
      startProxy: () => TcpProxy.start(ports.behind, ports.proxy),
      ...topicsThrough(admin),
      stop: async () => {
        // A kill would leave the client at its attempts to reach the broker once more.
        await admin.disconnect();
        await broker.remove();
      },
      kill: broker.kill,
      restart: async () => {
        await broker.kill();
        await broker.start();
        await (await connectAdmin(address, broker.said)).disconnect();
      },
      pause: broker.pause,
      resume: broker.resume,
      tool: (main, args, input = '') => broker.tool(main, args, input),
    };
  } catch (error) {
    await broker.remove();
    throw error;
  }
}

async function ownBroker(ports: Awaited<ReturnType<typeof freePorts>>): Promise<BrokerProcess> {
  if (await isDockerThere()) return dockerBroker(ports);
  if (await isJavaThere()) return localBroker(ports);
  throw new Error(
    'There is no Kafka to test with. Three ways to have one: set TIDEMARK_TEST_KAFKA to the host:port of a broker; ' +
      'or start Docker; or install Java 17 and Maven (Debian: openjdk-17-jre-headless, maven).',
  );
}

async function connectAdmin(address: string, said: () => Promise<string>): Promise<Admin> {
  const client = new Kafka({
    clientId: 'tidemark-test',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 8 },
  });
  let admin = client.admin({ retry: { retries: 0 } });
  const answers = async () => {
    try {
      await admin.connect();
      await admin.listTopics();
      return true;
    } catch {
      await admin.disconnect();
      admin = client.admin({ retry: { retries: 0 } });
      return false;
    }
  };
  try {
    await until(`Kafka answers at ${address}`, answers, START_DEADLINE_MS);
  } catch (error) {
    throw new Error(`Kafka did not come up; it said: ${await said()}`, { cause: error });
  }
  await admin.disconnect();
  const patient = client.admin();
  await patient.connect();
  return patient;
}

function topicsThrough(admin: Admin): Pick<KafkaUnderTest, 'admin' | 'createTopic' | 'deleteTopic'> {
  return {
    admin,
    createTopic: async (topic, numPartitions, settings = {}) => {
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      // Waiting is done below: the client gives up when a broker does not know of the topic yet.
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries }] });
      await until(`${topic} has its leaders`, () => hasLeaders(admin, topic, numPartitions));
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
  };
}

async function hasLeaders(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const found = topics.flatMap((each) => each.partitions);
    return found.length === partitions && found.every(({ leader }) => leader >= 0);
  } catch {
    // Just created, it is not known to every broker yet.
    return false;
  }
}
