-- Calls for action. One row per trigger, sent or muted.
CREATE TABLE IF NOT EXISTS trigger_events_rows
(
    trigger_id     String,
    person_id      String,
    trigger        LowCardinality(String),
    transition_id  String,
    dimension      LowCardinality(String),
    tag            LowCardinality(String),
    fired_at       DateTime64(3, 'UTC'),
    muted          Bool,
    event          String CODEC(ZSTD(1)),
    policy_version LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(fired_at)
ORDER BY (person_id, trigger, fired_at, trigger_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of trigger_events: may hold a row twice until a merge; read trigger_events instead';

CREATE VIEW IF NOT EXISTS trigger_events
(
    trigger_id     String                 COMMENT 'Identity of the trigger, the id of its CloudEvent; never changes',
    person_id      String                 COMMENT 'Whom it concerns',
    trigger        LowCardinality(String) COMMENT 'Name of the trigger in the policy',
    transition_id  String                 COMMENT 'The transition that called for it; see tag_transitions',
    dimension      LowCardinality(String) COMMENT 'Dimension of that transition',
    tag            LowCardinality(String) COMMENT 'The tag it led to',
    fired_at       DateTime64(3, 'UTC')   COMMENT 'When it fired, UTC, on the clock of the stream',
    muted          Bool                   COMMENT 'true: decided and recorded, not sent (a backfill)',
    event          String                 COMMENT 'The CloudEvent as JSON, as subscribers get it',
    policy_version LowCardinality(String) COMMENT 'Version of the policy that decided'
)
AS SELECT * FROM trigger_events_rows FINAL
COMMENT 'Every trigger, once, sent or muted';
