-- Records that could not be used. One row per position of a source.
CREATE TABLE IF NOT EXISTS dead_letters_rows
(
    source      LowCardinality(String),
    offset      UInt64,
    place       String,
    reason      LowCardinality(String),
    detail      String CODEC(ZSTD(1)),
    raw         String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (source, offset)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of dead_letters: may hold a row twice until a merge; read dead_letters instead';

CREATE VIEW IF NOT EXISTS dead_letters
(
    source      LowCardinality(String) COMMENT 'The stream the record came from: a topic with its partition, or a file with its format',
    offset      UInt64                 COMMENT 'Position in that stream, from 0',
    place       String                 COMMENT 'Where to look for it, e.g. orders.csv:12',
    reason      LowCardinality(String) COMMENT 'Why it cannot be used, one word of a fixed list, e.g. negative_amount',
    detail      String                 COMMENT 'The field and the value, in one sentence',
    raw         String                 COMMENT 'The original text of the record, where it was kept',
    received_at DateTime64(3, 'UTC')   COMMENT 'When the record reached us, UTC'
)
AS SELECT * FROM dead_letters_rows FINAL
COMMENT 'Every record that could not be used, with reason and position';
