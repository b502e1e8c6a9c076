import type { TagMove, TagSizes } from '../../core/scoring/drift/size-changes.ts';
import type { Instant } from '../../core/time.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';

/** How tags stood at an instant, and what moved people from then on. */
export interface TagMoves {
  readonly before: TagSizes;
  /** Counted by dimension, tags and cause. */
  readonly moves: readonly TagMove[];
}

/** Reckoned from all transitions by `effective_at`: sizes up to and including `since`, moves after it up to `until`. */
export async function readTagMoves(
  reader: AnalyticsReader,
  since: Instant,
  until: Instant,
): Promise<TagMoves> {
  const [sizes, moves] = await Promise.all([
    reader.query(
      `SELECT dimension, step.1 AS tag, sum(step.2) AS people
       FROM tag_transitions
       ARRAY JOIN [(from_tag, -1), (to_tag, 1)] AS step
       WHERE toUnixTimestamp64Milli(effective_at) <= {since:Int64} AND tag != 'none'
       GROUP BY dimension, tag
       HAVING people != 0`,
      { since },
    ),
    reader.query(
      `SELECT dimension, from_tag, to_tag, cause, count() AS people
       FROM tag_transitions
       WHERE toUnixTimestamp64Milli(effective_at) > {since:Int64}
         AND toUnixTimestamp64Milli(effective_at) <= {until:Int64}
       GROUP BY dimension, from_tag, to_tag, cause`,
      { since, until },
    ),
  ]);
  const before: Record<string, Record<string, number>> = {};
  for (const { dimension, tag, people } of sizes)
    (before[String(dimension)] ??= {})[String(tag)] = Number(people);
  return {
    before,
    moves: moves.map((row) => ({
      dimension: String(row['dimension']),
      from: String(row['from_tag']),
      to: String(row['to_tag']),
      cause: String(row['cause']),
      people: Number(row['people']),
    })),
  };
}
