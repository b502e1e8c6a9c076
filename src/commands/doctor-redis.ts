import type { InspectedRedis, RedisInspection } from '../adapters/redis/inspect-redis.ts';
import { LAYOUT_VERSION } from '../adapters/redis/keys.ts';
import { isBefore, judgeClock, type Findings } from './doctor-finding.ts';
import { formatQuantity, formatShare } from './terminal/numbers.ts';

const OLDEST_VERSION = '6.2';
const SLOTS = 16_384;
/** Shares of the memory in use. */
const NEARLY_FULL = 0.75;
const FULL = 0.95;
const MEBIBYTE = 1024 ** 2;

/** What is to be said of a Redis that answers. `isCluster`: whether the settings say that it is one. */
export function judgeRedis(findings: Findings, inspection: RedisInspection, isCluster: boolean): void {
  for (const server of inspection.servers) judgeServer(findings, server, isCluster);
  const { cluster } = inspection;
  if (cluster === undefined) return;
  const { state, slotsServed, nodes } = cluster;
  if (state === 'ok' && slotsServed === SLOTS) {
    findings.ok(`the cluster of ${formatQuantity(nodes, 'node')} serves all slots`);
  } else {
    findings.problem(
      `the cluster is in state ${state} and serves ${slotsServed} of ${SLOTS} slots`,
      'Bring the missing nodes back, or give their slots to others (redis-cli --cluster fix).',
    );
  }
}

function judgeServer(findings: Findings, server: InspectedRedis, isCluster: boolean): void {
  const { address, version, isReplica, isClusterNode, evictionPolicy } = server;
  findings.ok(`${address} answers, version ${version}`);
  if (isBefore(version, OLDEST_VERSION)) {
    findings.problem(`${address} has version ${version}`, `Bring it to ${OLDEST_VERSION} or later.`);
  }
  if (isReplica) {
    findings.problem(`${address} is a replica: it takes no writes`, 'Name its primary in redisAddresses.');
  }
  if (isClusterNode && !isCluster) {
    findings.problem(`${address} is a node of a cluster`, 'Set redisCluster to true.');
  }
  if (evictionPolicy === 'noeviction') findings.ok(`${address} throws nothing away (noeviction)`);
  else {
    const mend = 'Set maxmemory-policy noeviction, in redis.conf or by CONFIG SET.';
    findings.problem(`${address} may throw people away: maxmemory-policy ${evictionPolicy}`, mend);
  }
  judgePersistence(findings, server);
  judgeMemory(findings, server);
  if (server.clock !== undefined) judgeClock(findings, `redis ${address}`, server.clock);
}

function judgePersistence(findings: Findings, { address, isAppendOnly, replicas }: InspectedRedis): void {
  const kept = [
    ...(isAppendOnly ? ['on disk (appendonly)'] : []),
    ...(replicas > 0 ? [`on ${formatQuantity(replicas, 'replica')}`] : []),
  ];
  if (kept.length > 0) findings.ok(`what ${address} holds is also ${kept.join(' and ')}`);
  else {
    findings.warn(
      `${address} has neither appendonly nor a replica: a restart loses people, and the topics are read again from where the last copy ends`,
      'Set appendonly yes, in redis.conf or by CONFIG SET, or give it a replica.',
    );
  }
}

function judgeMemory(findings: Findings, server: InspectedRedis): void {
  const { address, usedBytes, limitBytes, machineBytes } = server;
  const bytes = limitBytes > 0 ? limitBytes : machineBytes;
  if (bytes === 0) return;
  const share = usedBytes / bytes;
  const of = limitBytes > 0 ? 'maxmemory' : 'the memory of its machine (no maxmemory)';
  const says = `${address} uses ${mebibytes(usedBytes)}, ${formatShare(share)} of ${of}, ${mebibytes(bytes)}`;
  const mend = 'Raise maxmemory, or add nodes: at the limit every commit is refused and workers wait.';
  if (share >= FULL) findings.problem(says, mend);
  else if (share >= NEARLY_FULL) findings.warn(says, mend);
  else findings.ok(says);
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MEBIBYTE)} MiB`;
}

/** Whether the state and the topics are for the same number of partitions; either may be unknown. */
export function judgeLayout(
  findings: Findings,
  layout: RedisInspection['layout'],
  partitions: number | undefined,
  prefix: string,
): void {
  if (layout === undefined) findings.ok(`there is no state "${prefix}" yet`);
  else if (layout.version !== LAYOUT_VERSION) {
    findings.problem(
      `the state "${prefix}" has layout ${layout.version}, this version of Tidemark has ${LAYOUT_VERSION}`,
      'Run the version that wrote it, or set another redisPrefix and read the topics from the start.',
    );
  } else if (partitions === undefined) {
    findings.ok(`the state "${prefix}" is for ${formatQuantity(layout.partitions, 'partition')}`);
  } else if (layout.partitions === partitions) {
    findings.ok(`the state "${prefix}" is for the ${formatQuantity(partitions, 'partition')} of the topics`);
  } else {
    findings.problem(
      `the state "${prefix}" is for ${formatQuantity(layout.partitions, 'partition')}, the topics of events have ${partitions}`,
      'Give the topics their old number of partitions, or set another redisPrefix and read them from the start.',
    );
  }
}
