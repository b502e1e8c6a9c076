import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Consumer, ConsumerCrashEvent, Kafka } from 'kafkajs';
import { TidemarkError } from '../../errors.ts';
import { coPartitionedAssigner } from './co-partitioned-assigner.ts';
import { connectKafka, type KafkaConnection, type KafkaLog } from './connect-kafka.ts';
import { isGroupLoading, isOutage } from './kafka-failures.ts';
import { OwedFetches } from './owed-fetches.ts';
import { rememberBrokers } from './remember-brokers.ts';
import type { FetchedBatch } from './topic-reading.ts';

export interface GroupSettings {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  /** A member that is not heard of for so long has lost its partitions. */
  readonly sessionTimeoutMs: number;
  /** How often the coordinator is asked whether the group changes. */
  readonly heartbeatIntervalMs: number;
  readonly maxFetchBytes: number;
  /** How often it is seen to that the topics are as they were. */
  readonly topicCheckMs: number;
  readonly log: KafkaLog;
}

/** What becomes of a membership; none of these may throw. */
export interface GroupEvents {
  /** These partitions of every topic are ours, all of them paused. */
  granted(partitions: readonly number[]): void;
  /** What was granted may go to others from now on. */
  revoked(): void;
  batch(batch: FetchedBatch): void;
  passedOver(topic: string, partition: number, first: number, last: number, high: number): void;
  /** The membership cannot go on, nor would another. */
  failed(error: Error): void;
}

/** How long members have to give up what they had; those that are gone are left out after their session. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** Bounds how long it takes until something that was paused is asked for again. */
const FETCH_WAIT_MS = 100;
const METADATA_AGE_MS = 60_000;
const RESTART_AFTER_MS = 500;
const STOP_DEADLINE_MS = 5_000;
const OUTAGE_PATIENCE_MS = 60_000;
const MOST_DOUBLINGS = 4;

/**
 * A membership of a consumer group, kept up through outages by kafkajs where it can and by a new client where it
 * gives up, or stands still without a word. Kafka's committed offsets are not read from: all is paused until somebody
 * seeks.
 */
export class GroupMembership {
  private readonly kafka: Kafka;
  private readonly settings: GroupSettings;
  private readonly events: GroupEvents;
  /** Rejects with `TidemarkError` when the topics are not as they were. */
  private readonly checkTopics: () => Promise<void>;
  private consumer: Consumer | undefined;
  private held: readonly number[] = [];
  private isGranted = false;
  private isStopping = false;
  /** From the request to be let in until the answer. */
  private isJoining = false;
  private starting: Promise<void> | undefined;
  /** The next look at the brokers; never while there is one. */
  private checkedAt = performance.now();
  private mayCheckAt = 0;
  private heardAt = performance.now();
  private owed: OwedFetches | undefined;
  private watch: NodeJS.Timeout | undefined;
  /** Times that a client was replaced since all brokers answered. */
  private replacedInVain = 0;
  private replacedAt = 0;

  constructor(settings: GroupSettings, events: GroupEvents, checkTopics: () => Promise<void>) {
    // A client that gives up loses its place, and the group waits for its session to end: better it does not.
    this.kafka = connectKafka(settings.connection, settings.log, OUTAGE_PATIENCE_MS);
    this.settings = settings;
    this.events = events;
    this.checkTopics = checkTopics;
  }

  /** Resolves once the group let us in for the first time; rejects when it does not, or its coordinator is not ready for long. */
  async start(): Promise<void> {
    for (const deadline = performance.now() + OUTAGE_PATIENCE_MS; ; await delay(RESTART_AFTER_MS)) {
      try {
        await this.run();
        break;
      } catch (error) {
        if (!isGroupLoading(error) || this.isStopping || performance.now() > deadline) throw error;
      }
    }
    this.watch = setInterval(() => this.look(), this.settings.sessionTimeoutMs / 4).unref();
  }

  /** Leaves the group, so that the others need not wait for the session to end. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.watch);
    await this.abandon();
  }

  /** Whether the group says that the partition is ours; not while it changes. */
  holds(partition: number): boolean {
    return !this.isJoining && this.held.includes(partition);
  }

  seek(topic: string, partition: number, offset: number): void {
    this.whileRunning((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
  }

  pause(topic: string, partition: number): void {
    this.whileRunning((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number): void {
    this.whileRunning((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  async commit(offsets: readonly { topic: string; partition: number; offset: string }[]): Promise<void> {
    await this.consumer?.commitOffsets([...offsets]);
  }

  /** Resolves once joined; rejects when the client gave up before that. */
  private async run(): Promise<void> {
    const { groupId, topics, partitions, sessionTimeoutMs, heartbeatIntervalMs, maxFetchBytes } =
      this.settings;
    const assigner = coPartitionedAssigner({
      partitions,
      had: () => this.held,
      joining: () => this.joining(consumer),
    });
    let cluster: Cluster | undefined;
    const consumer = this.kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: maxFetchBytes,
      maxBytes: maxFetchBytes * partitions * topics.length,
      metadataMaxAge: METADATA_AGE_MS,
      allowAutoTopicCreation: false,
      partitionAssigners: [
        (given) => {
          cluster = given.cluster;
          rememberBrokers(cluster);
          return assigner(given);
        },
      ],
      // As long as the client goes on trying it keeps its place in the group; whether that is any use is for us to see.
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: Number.MAX_SAFE_INTEGER,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    this.consumer = consumer;
    this.owed = new OwedFetches(consumer, () => cluster?.getNodeIds() ?? []);
    this.isJoining = true;
    this.heardAt = performance.now();
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        this.joined(consumer, Object.values(payload.memberAssignment)[0] ?? []);
        resolve();
      });
      consumer.on(consumer.events.CRASH, (event) => {
        this.crashed(consumer, event);
        reject(event.payload.error);
      });
    });
    // Whoever waits for the start hears of it; a crash later on is none of theirs.
    joined.catch(() => undefined);
    consumer.on(consumer.events.HEARTBEAT, () => this.heard(consumer));
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, firstOffset, lastOffset, highWatermark } = payload;
      if (this.isCurrent(consumer) && firstOffset !== null)
        this.events.passedOver(
          topic,
          partition,
          Number(firstOffset),
          Number(lastOffset),
          Number(highWatermark),
        );
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: ({ batch }) => {
          if (this.isCurrent(consumer)) this.events.batch(batch as FetchedBatch);
          return Promise.resolve();
        },
      });
      await joined;
    } catch (error) {
      if (this.isCurrent(consumer)) await this.abandon();
      throw error;
    }
  }

  private isCurrent(consumer: Consumer): boolean {
    return this.consumer === consumer;
  }

  private joining(consumer: Consumer): void {
    if (!this.isCurrent(consumer)) return;
    this.isJoining = true;
    this.revoke();
  }

  private joined(consumer: Consumer, partitions: readonly number[]): void {
    if (!this.isCurrent(consumer)) return;
    this.isJoining = false;
    this.heardAt = performance.now();
    this.owed?.countAnew();
    this.held = [...partitions].sort((a, b) => a - b);
    for (const topic of this.settings.topics)
      this.whileRunning(() => consumer.pause([{ topic, partitions: [...this.held] }]));
    this.grant();
  }

  private heard(consumer: Consumer): void {
    // A client whose join broke off half-way goes on to send heartbeats, and does nothing else.
    if (!this.isCurrent(consumer) || this.isJoining) return;
    this.heardAt = performance.now();
    // The coordinator kept our place although we had given it up for lost.
    if (!this.isGranted) this.grant();
  }

  private crashed(consumer: Consumer, { payload }: ConsumerCrashEvent): void {
    if (!this.isCurrent(consumer)) return;
    this.settings.log('warn', 'the consumer gave up', { error: payload.error.message });
    this.consumer = undefined;
    this.revoke();
    if (this.watch !== undefined) this.startAgain();
  }

  private grant(): void {
    if (this.isStopping) return;
    this.isGranted = true;
    this.events.granted(this.held);
  }

  private revoke(): void {
    if (!this.isGranted) return;
    this.isGranted = false;
    this.events.revoked();
  }

  /** Sees to it that silence is not taken for peace. */
  private look(): void {
    const { sessionTimeoutMs, topicCheckMs, log } = this.settings;
    const now = performance.now();
    if (this.isGranted && now - this.heardAt > sessionTimeoutMs) {
      log('warn', 'the group coordinator was not heard for a session: the partitions may be others’', {
        silentMs: now - this.heardAt,
      });
      this.revoke();
    }
    if (this.silentMs() < sessionTimeoutMs / 2 && now > this.replacedAt + sessionTimeoutMs)
      this.replacedInVain = 0;
    const isInDoubt = this.silentMs() >= 1.5 * sessionTimeoutMs || now >= this.checkedAt + topicCheckMs;
    if (this.consumer === undefined || !isInDoubt || now < this.mayCheckAt) return;
    this.mayCheckAt = Infinity;
    void this.mend().finally(() => (this.mayCheckAt = performance.now() + sessionTimeoutMs));
  }

  /** For how long the coordinator was not heard, or a broker has not answered a fetch while the others go on. */
  private silentMs(): number {
    return performance.now() - Math.min(this.heardAt, this.owed?.longestSince ?? Infinity);
  }

  private async mend(): Promise<void> {
    try {
      await this.checkTopics();
      this.checkedAt = performance.now();
    } catch (error) {
      if (!isOutage(error)) this.events.failed(error as Error);
      return;
    }
    // The brokers answer us, and still the client does not get on: it stands still, or its connections do.
    const waitsMs = this.isJoining ? REBALANCE_TIMEOUT_MS : 0;
    const silentMs = this.silentMs();
    // Each replacement makes the whole group share out anew: one that did not help is not soon followed by another.
    const patience = 3 * 2 ** Math.min(this.replacedInVain, MOST_DOUBLINGS);
    if (silentMs < waitsMs + patience * this.settings.sessionTimeoutMs) return;
    if (this.consumer === undefined || this.isStopping) return;
    this.replacedInVain += 1;
    this.replacedAt = performance.now();
    this.settings.log('warn', 'the consumer stands still, and is replaced', { silentMs });
    await this.abandon();
    this.startAgain();
  }

  private startAgain(): void {
    this.starting ??= this.startUntilJoined().finally(() => (this.starting = undefined));
  }

  private async startUntilJoined(): Promise<void> {
    for (;;) {
      await delay(RESTART_AFTER_MS);
      if (this.isStopping) return;
      try {
        await this.checkTopics();
        return await this.run();
      } catch (error) {
        if (error instanceof TidemarkError && !isOutage(error)) return this.events.failed(error);
        this.settings.log('warn', 'joining the group again failed', { error: String(error) });
      }
    }
  }

  /** Ends the client, and waits no longer than is good for the group. */
  private async abandon(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    this.revoke();
    if (consumer === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_DEADLINE_MS)));
    await Promise.race([consumer.disconnect().catch(() => undefined), deadline]);
    clearTimeout(timer);
  }

  /** A client that has given up throws; whoever holds an assignment of it is told by its revocation. */
  private whileRunning(act: (consumer: Consumer) => void): void {
    try {
      if (this.consumer !== undefined) act(this.consumer);
    } catch (error) {
      this.settings.log('debug', 'the consumer is not running', { error: String(error) });
    }
  }
}
