import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';

export interface BrokerPorts {
  readonly open: number;
  readonly sasl: number;
  readonly controller: number;
  /** Of a listener whose clients are told to come to `proxy`, where a test may stand between. */
  readonly behind: number;
  readonly proxy: number;
}

/** Who may log in at the listener with SASL, by any mechanism. */
export const SASL_USER = { username: 'tidemark', password: 'a-secret-for-tests' };

/** What `kafka-storage format` is told, so that the SCRAM users exist. */
export const SCRAM_CREDENTIALS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
  (mechanism) => `${mechanism}=[name=${SASL_USER.username},password=${SASL_USER.password}]`,
);

/** A fresh id for `format`, which takes a dash at the beginning for an option. */
export function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** The server.properties of a single node in KRaft mode, on loopback. */
export function brokerProperties(ports: BrokerPorts, dataFolder: string, bindHost: string): string {
  const security = 'org.apache.kafka.common.security';
  const { username, password } = SASL_USER;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    listeners: `OPEN://${bindHost}:${ports.open},SASL://${bindHost}:${ports.sasl},BEHIND://${bindHost}:${ports.behind},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `OPEN://127.0.0.1:${ports.open},SASL://127.0.0.1:${ports.sasl},BEHIND://127.0.0.1:${ports.proxy}`,
    'listener.security.protocol.map':
      'OPEN:PLAINTEXT,SASL:SASL_PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'OPEN',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataFolder,
    'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.sasl.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required user_${username}="${password}";`,
    'listener.name.sasl.scram-sha-256.sasl.jaas.config': `${security}.scram.ScramLoginModule required;`,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${security}.scram.ScramLoginModule required;`,
    'listener.name.sasl.oauthbearer.sasl.jaas.config': `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${username}";`,
    // One node, few partitions of its own, and no waiting for members that may still come: quick to be ready.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'auto.create.topics.enable': false,
    // A broker killed and started again has to wait until its former self is given up.
    'broker.session.timeout.ms': 1500,
    'broker.heartbeat.interval.ms': 300,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    'log.cleaner.backoff.ms': 200,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Below those that the system gives to connections, any of which could have one of them before the broker does. */
const FIRST_PORT = 15_000;
const PORTS = 15_000;

export async function freePorts(): Promise<BrokerPorts> {
  const servers: Server[] = [];
  while (servers.length < 5) {
    const server = createServer();
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (isFree) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [open = 0, sasl = 0, controller = 0, behind = 0, proxy = 0] = ports;
  return { open, sasl, controller, behind, proxy };
}
