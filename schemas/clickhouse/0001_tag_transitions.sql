-- A tag giving way to another. One row per transition, for ever.
--
-- `tag_transitions_rows` holds what was written; a row that was written twice (a replay, a crash between the
-- insert and the commit) has the same sorting key and the same partition and is merged into one. Merging happens
-- some time later, so people read the view `tag_transitions`, which always shows each transition once.
CREATE TABLE IF NOT EXISTS tag_transitions_rows
(
    transition_id  String,
    person_id      String,
    dimension      LowCardinality(String),
    from_tag       LowCardinality(String),
    to_tag         LowCardinality(String),
    cause          LowCardinality(String),
    cause_ref      String,
    effective_at   DateTime64(3, 'UTC'),
    decided_at     DateTime64(3, 'UTC'),
    next_change_at Nullable(DateTime64(3, 'UTC')),
    reasons        String,
    policy_version LowCardinality(String),
    model_version  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(effective_at)
ORDER BY (person_id, dimension, effective_at, transition_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of tag_transitions: may hold a row twice until a merge; read tag_transitions instead';

CREATE VIEW IF NOT EXISTS tag_transitions
(
    transition_id  String                         COMMENT 'Identity of the transition: the same facts under the same policy always give the same id',
    person_id      String                         COMMENT 'Whose tag changed',
    dimension      LowCardinality(String)         COMMENT 'The question the tag answers, e.g. buyer_class',
    from_tag       LowCardinality(String)         COMMENT 'The tag until effective_at; none when the person held no tag of the dimension',
    to_tag         LowCardinality(String)         COMMENT 'The tag from effective_at on; none when the person holds no tag of the dimension any more',
    cause          LowCardinality(String)         COMMENT 'What made it change, one word: event, time, late_event, refund, merge, population (new cut points), policy …',
    cause_ref      String                         COMMENT 'What exactly: the messageId of the event, the version of the cut points or of the policy; empty for time',
    effective_at   DateTime64(3, 'UTC')           COMMENT 'Since when the new tag holds, UTC; for time it is the instant the rule names, not the instant somebody looked',
    decided_at     DateTime64(3, 'UTC')           COMMENT 'When the pipeline decided it, UTC, on the clock of the stream',
    next_change_at Nullable(DateTime64(3, 'UTC')) COMMENT 'The earliest instant at which this tag can change if nothing more happens, UTC; NULL when time alone never changes it',
    reasons        String                         COMMENT 'JSON array of {feature, value, threshold, words}: the conditions that held, with the numbers of the person',
    policy_version LowCardinality(String)         COMMENT 'Version of the policy that decided',
    model_version  LowCardinality(String)         COMMENT 'Version of the model whose score was used; empty when none was'
)
AS SELECT * FROM tag_transitions_rows FINAL
COMMENT 'Every change of a tag, once, with its cause and its reasons';
