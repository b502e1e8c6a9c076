-- The tags that hold now: one row per person and dimension, the one with the latest updated_at.
CREATE TABLE IF NOT EXISTS current_tags_rows
(
    person_id      String,
    dimension      LowCardinality(String),
    tag            LowCardinality(String),
    since          DateTime64(3, 'UTC'),
    next_change_at Nullable(DateTime64(3, 'UTC')),
    updated_at     DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (person_id, dimension)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of current_tags: holds superseded rows until a merge; read current_tags instead';

CREATE VIEW IF NOT EXISTS current_tags
(
    person_id      String                         COMMENT 'Who holds the tag',
    dimension      LowCardinality(String)         COMMENT 'The question the tag answers, e.g. buyer_class',
    tag            LowCardinality(String)         COMMENT 'The answer that holds now; none when a tag was held and no rule applies any more',
    since          DateTime64(3, 'UTC')           COMMENT 'Since when it holds, UTC',
    next_change_at Nullable(DateTime64(3, 'UTC')) COMMENT 'The earliest instant at which it can change if nothing more happens, UTC; NULL when time alone never changes it',
    updated_at     DateTime64(3, 'UTC')           COMMENT 'The instant this row speaks of, UTC'
)
AS SELECT * FROM current_tags_rows FINAL
COMMENT 'The tag of every person in every dimension, now';
