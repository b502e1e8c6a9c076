-- How many people held each tag at the end of each hour, reckoned from the transitions: +1 where they went, -1
-- where they came from. There is nothing to write and nothing that could disagree with tag_transitions. Every
-- hour has its row, from a tag's first holder to the hour of the latest transition of all.
CREATE VIEW IF NOT EXISTS segment_sizes
(
    hour      DateTime('UTC')        COMMENT 'Start of the hour, UTC',
    dimension LowCardinality(String) COMMENT 'The question the tag answers, e.g. buyer_class',
    tag       LowCardinality(String) COMMENT 'The answer; people who hold none are not counted',
    people    Int64                  COMMENT 'How many people held the tag when the hour ended'
)
AS
WITH
    changes AS
    (
        SELECT toStartOfHour(effective_at) AS hour, dimension, step.1 AS tag, sum(step.2) AS change
        FROM tag_transitions
        ARRAY JOIN [(from_tag, -1), (to_tag, 1)] AS step
        WHERE tag != 'none'
        GROUP BY hour, dimension, tag
    ),
    every_hour AS
    (
        SELECT arrayJoin(timeSlots(min(hour), toUInt32(dateDiff('second', min(hour), (SELECT max(hour) FROM changes))), 3600)) AS hour, dimension, tag
        FROM changes
        GROUP BY dimension, tag
    )
SELECT hour, dimension, tag, sum(sum(change)) OVER (PARTITION BY dimension, tag ORDER BY hour) AS people
FROM (SELECT hour, dimension, tag, change FROM changes UNION ALL SELECT hour, dimension, tag, 0 FROM every_hour)
GROUP BY hour, dimension, tag
COMMENT 'People by tag, hour by hour';
