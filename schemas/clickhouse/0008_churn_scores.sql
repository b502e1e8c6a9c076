-- What the churn model in force said of a person: one row per person, instant and model.
--
-- Scores are written of everybody at the end of a run and whenever a risk that a policy asks for changed a tag, not
-- each time a score moves: person_profiles has the latest, tag_transitions says when a risk crossed a line.
CREATE TABLE IF NOT EXISTS churn_scores_rows
(
    person_id     String,
    scored_at     DateTime64(3, 'UTC'),
    churn_30d     Float64,
    churn_90d     Float64,
    model_version LowCardinality(String),
    reasons       String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(scored_at)
ORDER BY (person_id, scored_at, model_version)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of churn_scores: may hold a row twice until a merge; read churn_scores instead';

CREATE VIEW IF NOT EXISTS churn_scores
(
    person_id     String                 COMMENT 'Who',
    scored_at     DateTime64(3, 'UTC')   COMMENT 'The instant the score is of, UTC',
    churn_30d     Float64                COMMENT 'Probability of no order within 30 days, 0 to 1',
    churn_90d     Float64                COMMENT 'Probability of no order within 90 days, 0 to 1',
    model_version LowCardinality(String) COMMENT 'Version of the models in force, or of the closed form that served instead',
    reasons       String                 COMMENT 'JSON array of {family, share, logitChange, words}, what raises the risk most first; empty where the risk is below one half or the closed form served'
)
AS SELECT * FROM churn_scores_rows FINAL
COMMENT 'Churn probabilities with the model that gave them and its reasons';
