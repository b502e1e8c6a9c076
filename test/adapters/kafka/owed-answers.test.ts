import { describe, expect, it } from 'vitest';
import { OwedAnswers } from '../../../src/adapters/kafka/owed-answers.ts';

const partitionMetadata = [0, 1].map((partitionId) => ({
  ...{ partitionId, partitionErrorCode: 0, leader: partitionId, replicas: [], isr: [] },
}));

function sent(owed: OwedAnswers, ...partitions: readonly number[]): void {
  owed.begin();
  const choose = owed.partitioner();
  for (const partition of partitions)
    expect(choose({ topic: 'tags', partitionMetadata, message: { partition, value: '' } })).toBe(partition);
}

describe('answers that brokers owe', () => {
  it('are settled when every partition that messages went to has one', () => {
    const owed = new OwedAnswers();
    sent(owed, 0, 1, 1);
    owed.settle([1, 0].map((partition) => ({ topicName: 'tags', partition })));
    sent(owed, 1);
    owed.settle([{ topicName: 'tags', partition: 1 }]);
  });

  it('are missed where the client was content with those of the others', () => {
    const owed = new OwedAnswers();
    sent(owed, 0, 1);
    expect(() => owed.settle([{ topicName: 'tags', partition: 0 }])).toThrow(
      /no broker answered for tags\[1\]$/,
    );
    // And sent again, all of it.
    sent(owed, 0, 1);
    owed.settle([0, 1].map((partition) => ({ topicName: 'tags', partition })));
  });
});
