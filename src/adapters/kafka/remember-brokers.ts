import type { Cluster } from 'kafkajs';

/**
 * Keeps a client of kafkajs 2.2.4 from giving up because of a broker that was away for a moment. It forgets a broker
 * that closed a connection until it asks who is there, and gives up when it is to fetch while it knows of none: so it
 * does when the only broker goes just before a heartbeat. From here on the brokers that were known last stand for none;
 * the next fetch asks who is there, with patience.
 */
export function rememberBrokers(cluster: Cluster): void {
  const known = cluster.getNodeIds.bind(cluster);
  let last: number[] = [];
  cluster.getNodeIds = () => {
    const now = known();
    if (now.length > 0) last = now;
    return last;
  };
}
