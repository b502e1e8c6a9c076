import { instant, type Instant } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';
import type { Said } from '../../ports/forwarded-facts.ts';
import type { PartitionedSource, PartitionOwner } from '../../ports/partitioned-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import { connectKafka, type KafkaConnection, type KafkaLog } from './connect-kafka.ts';
import { GroupMembership } from './group-membership.ts';
import { KafkaAssignment, type PartitionControls } from './kafka-assignment.ts';
import { describeKafkaFailure } from './kafka-failures.ts';
import { LagCommits, type Offsets } from './lag-commits.ts';
import { TopicLookup } from './topic-lookup.ts';

export interface KafkaSourceSettings<Content = Said> {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** Topics of events, at least one, each with what reads its messages. */
  readonly topics: Readonly<Record<string, RecordDecoder<Content>>>;
  /** Topics that bring facts from other partitions; they must have as many partitions as the others. */
  readonly factTopics?: Readonly<Record<string, RecordDecoder<Content>>>;
  readonly log: KafkaLog;
  /** How long a member may be silent before its partitions go to others. */
  readonly sessionTimeoutMs?: number;
  /** How late a member may learn that the group changes. */
  readonly heartbeatIntervalMs?: number;
  /** How soon a changed number of partitions is noticed while nothing else calls for a look. */
  readonly topicCheckMs?: number;
  /** How much is read ahead for each partition of each topic, before one more fetch. */
  readonly readAheadBytes?: number;
  /** The present, against which arrivals are held; the machine's clock unless given. */
  readonly now?: () => Instant;
  /** How much is fetched at once from each partition of each topic, as it is on the disk of the broker. */
  readonly maxFetchBytes?: number;
}

const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_INTERVAL_MS = 500;
const TOPIC_CHECK_MS = 60_000;
const READ_AHEAD_BYTES = 2 * 1024 * 1024;
/**
 * Somewhat above what a broker takes as the largest batch, unless it is told otherwise: of an answer only the first partition
 * brings a batch that is larger than this, and of the others one cannot tell that anything is withheld.
 */
const MAX_FETCH_BYTES = 1_100_000;

/**
 * The topics, once it is sure that they can be read together. Rejects with `TidemarkError` when they are missing or
 * disagree in their number of partitions, and when the cluster cannot be reached or refuses us.
 */
export async function openKafkaSource<Content = Said>(
  settings: KafkaSourceSettings<NoInfer<Content>>,
): Promise<PartitionedSource<Content>> {
  const { connection, log } = settings;
  const lookup = new TopicLookup(connectKafka(connection, log), connection.brokers);
  try {
    return new KafkaSource(lookup, await lookup.partitionsOf(topicNames(settings)), settings);
  } catch (error) {
    await lookup.close();
    throw error;
  }
}

class KafkaSource<Content> implements PartitionedSource<Content> {
  readonly partitions: number;
  readonly ended: Promise<void>;
  private readonly end: () => void;
  private readonly settings: KafkaSourceSettings<Content>;
  private readonly lookup: TopicLookup;
  private readonly group: GroupMembership;
  private readonly lag: LagCommits;
  private readonly assignments = new Map<number, KafkaAssignment<Content>>();
  /** The work of the last owner of each partition; never rejects. */
  private readonly work = new Map<number, Promise<void>>();
  private owner: PartitionOwner<Content> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private left: Promise<void> | undefined;

  constructor(lookup: TopicLookup, partitions: number, settings: KafkaSourceSettings<Content>) {
    this.partitions = partitions;
    let end = (): void => undefined;
    this.ended = new Promise((resolve) => (end = resolve));
    this.end = end;
    this.settings = settings;
    this.lookup = lookup;
    this.lag = new LagCommits((offsets) => this.commit(offsets));
    const { connection, groupId, log } = settings;
    const topics = topicNames(settings);
    this.group = new GroupMembership(
      {
        ...{ connection, groupId, topics, partitions, log },
        sessionTimeoutMs: settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
        heartbeatIntervalMs: settings.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS,
        maxFetchBytes: settings.maxFetchBytes ?? MAX_FETCH_BYTES,
        topicCheckMs: settings.topicCheckMs ?? TOPIC_CHECK_MS,
      },
      {
        granted: (granted) => granted.forEach((partition) => this.give(partition)),
        revoked: () => this.revokeAll(),
        batch: (batch) => this.assignments.get(batch.partition)?.offer(batch),
        passedOver: (topic, partition, first, last, high) =>
          this.assignments.get(partition)?.passOver(topic, first, last, high),
        failed: (error) => this.fail(error),
      },
      () => this.checkTopics(),
    );
  }

  async join(owner: PartitionOwner<Content>): Promise<void> {
    if (this.owner !== undefined || this.left !== undefined) throw new Error('a source is joined once');
    this.owner = owner;
    try {
      await this.checkTopics();
      await this.group.start();
    } catch (error) {
      this.left = this.lookup.close().finally(() => this.end());
      throw describeKafkaFailure(
        error,
        `membership of ${this.settings.groupId}`,
        this.settings.connection.brokers,
      );
    }
  }

  leave(): Promise<void> {
    this.left ??= this.leaveNow().finally(() => this.end());
    return this.left;
  }

  private async leaveNow(): Promise<void> {
    this.revokeAll();
    while (this.work.size > 0) await Promise.all(this.work.values());
    await this.lag.flush();
    await this.group.stop();
    await this.lookup.close();
    if (this.failure !== undefined) throw this.failure.error;
  }

  private give(partition: number): void {
    if (this.left !== undefined) return;
    const assignment = new KafkaAssignment(
      partition,
      {
        topics: this.settings.topics,
        factTopics: this.settings.factTopics ?? {},
        readAheadBytes: this.settings.readAheadBytes ?? READ_AHEAD_BYTES,
        now: this.settings.now ?? (() => instant(Date.now())),
      },
      this.controls(),
    );
    this.assignments.set(partition, assignment);
    // The owner before may still be finishing, here as well as elsewhere.
    const work = (this.work.get(partition) ?? Promise.resolve())
      .then(() => (assignment.revoked.aborted ? undefined : this.owner?.(assignment)))
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        if (this.work.get(partition) === work) this.work.delete(partition);
      });
    this.work.set(partition, work);
  }

  private controls(): PartitionControls {
    const { group, lookup } = this;
    return {
      seek: (topic, partition, offset) => group.seek(topic, partition, offset),
      pause: (topic, partition) => group.pause(topic, partition),
      resume: (topic, partition) => group.resume(topic, partition),
      range: (topic, partition) => lookup.range(topic, partition),
      processed: (offsets) => this.lag.report(offsets),
    };
  }

  private revokeAll(): void {
    for (const assignment of this.assignments.values()) assignment.revoke();
    this.assignments.clear();
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.settings.log('warn', 'the membership of the group ends', {
      // What it says may name a person; who ends the process tells it.
      code: error instanceof TidemarkError ? error.code : String(error),
    });
    this.leave().catch(() => undefined);
  }

  private async checkTopics(): Promise<void> {
    const topics = topicNames(this.settings);
    const partitions = await this.lookup.partitionsOf(topics);
    if (partitions === this.partitions) return;
    throw new TidemarkError(
      'KAFKA_TOPICS',
      `the number of partitions of ${topics.join(', ')} was ${this.partitions}, and is ${partitions} now`,
      'Stop all workers, and move the state to the new number of partitions before they are started again.',
    );
  }

  private async commit(offsets: Offsets): Promise<void> {
    const places = Object.entries(offsets).map(([source, offset]) => {
      const at = source.lastIndexOf(':');
      return { topic: source.slice(0, at), partition: Number(source.slice(at + 1)), offset: String(offset) };
    });
    await this.group.commit(places.filter(({ partition }) => this.group.holds(partition)));
  }
}

function topicNames({
  topics,
  factTopics,
}: Pick<KafkaSourceSettings<unknown>, 'topics' | 'factTopics'>): string[] {
  return Object.keys({ ...topics, ...factTopics });
}
