import { listOf, type Config } from '../config.ts';

/** The topics of the settings by what they are for. */
export interface TopicNames {
  readonly events: readonly string[];
  readonly facts: string;
  /** What the sink reads; they have one number of partitions. */
  readonly outputs: readonly string[];
}

export function topicsOf(config: Config): TopicNames {
  return {
    events: listOf(config.eventTopics),
    facts: config.factsTopic,
    outputs: [config.tagsTopic, config.triggersTopic, config.deadLettersTopic],
  };
}
