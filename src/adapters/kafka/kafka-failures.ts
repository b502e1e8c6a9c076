import { TidemarkError } from '../../errors.ts';

/** What a cluster answers that will be the same the next time. */
const REFUSALS =
  /AUTHORIZATION_FAILED|SASL|UNSUPPORTED_VERSION|INCONSISTENT_GROUP_PROTOCOL|INVALID_SESSION_TIMEOUT|INVALID_GROUP_ID|INVALID_TOPIC|CERT|SELF_SIGNED|ERR_SSL|ERR_TLS|MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE/;

/** `KAFKA_TOPICS` for a topic that is not there, `KAFKA_REFUSED` for what will be refused again, else `KAFKA_UNAVAILABLE`. */
export function describeKafkaFailure(
  cause: unknown,
  what: string,
  brokers: readonly string[],
): TidemarkError {
  if (cause instanceof TidemarkError) return cause;
  const place = `Kafka at ${brokers.join(', ')}`;
  const chain = causesOf(cause);
  const said = chain.at(-1)?.message ?? String(cause);
  if (isUnknownTopic(cause)) {
    return new TidemarkError(
      'KAFKA_TOPICS',
      `${place} does not know the topic or partition of ${what}`,
      'Create the topic, or correct its name.',
      cause,
    );
  }
  const refused = chain.some((error) =>
    REFUSALS.test(
      `${error.name} ${'type' in error ? String(error.type) : ''} ${'code' in error ? String(error.code) : ''}`,
    ),
  );
  return refused
    ? new TidemarkError(
        'KAFKA_REFUSED',
        `${place} refused ${what}: ${said}`,
        'Check the credentials, the certificates, the rights of the user and the settings that the message names.',
        cause,
      )
    : new TidemarkError(
        'KAFKA_UNAVAILABLE',
        `${place} could not be asked for ${what}: ${said}`,
        'Check that the brokers run and can be reached at the addresses they advertise, and try again.',
        cause,
      );
}

/** Whether to try again: what is refused stays refused, an outage ends. */
export function isOutage(error: unknown): boolean {
  return !(error instanceof TidemarkError) || error.code === 'KAFKA_UNAVAILABLE';
}

export function isUnknownTopic(error: unknown): boolean {
  return isOfType(error, 'UNKNOWN_TOPIC_OR_PARTITION');
}

/** What a coordinator answers that has just become one, and reads what it has to know about the group. */
export function isGroupLoading(error: unknown): boolean {
  return isOfType(error, 'GROUP_LOAD_IN_PROGRESS');
}

function isOfType(error: unknown, type: string): boolean {
  return causesOf(error).some((each) => 'type' in each && each.type === type);
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && !chain.includes(at); at = at.cause) chain.push(at);
  return chain;
}
