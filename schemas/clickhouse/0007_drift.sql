-- What people look like now against what they looked like when a reference was frozen, and why tags gained or lost
-- people. One row per measurement, measure and group of people; the same measurement again replaces it.
CREATE TABLE IF NOT EXISTS drift_rows
(
    reference     LowCardinality(String),
    measured_at   DateTime64(3, 'UTC'),
    kind          LowCardinality(String),
    name          LowCardinality(String),
    stratum       LowCardinality(String),
    n_reference   UInt64,
    n_current     UInt64,
    psi           Nullable(Float64),
    js            Nullable(Float64),
    ks            Nullable(Float64),
    p_value       Nullable(Float64),
    drift_p_value Nullable(Float64),
    limit         Nullable(Float64),
    alarm         Bool,
    tenure_part   Nullable(Float64),
    expected      Nullable(Float64),
    observed      Nullable(Float64),
    observed_low  Nullable(Float64),
    observed_high Nullable(Float64),
    causes        Map(LowCardinality(String), Int64)
)
ENGINE = ReplacingMergeTree
ORDER BY (reference, kind, name, stratum, measured_at)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of drift: may hold a row twice until a merge; read drift instead';

CREATE VIEW IF NOT EXISTS drift
(
    reference     LowCardinality(String)             COMMENT 'What was compared with: a model version, or the instant that was frozen, ISO 8601; of segment_size the instant the sizes before are of',
    measured_at   DateTime64(3, 'UTC')               COMMENT 'The instant people were looked at, UTC, on the clock of the stream',
    kind          LowCardinality(String)             COMMENT 'feature, score, segment (shares of the tags of a dimension), segment_size (people of one tag), calibration (how often predictions came true)',
    name          LowCardinality(String)             COMMENT 'Name of the feature, the score or the dimension',
    stratum       LowCardinality(String)             COMMENT 'Who is compared: all (never alarms: a population that grows older differs from itself), like tenure, or a tenure band; of segment_size the tag',
    n_reference   UInt64                             COMMENT 'People of the reference who are compared; of segment_size who held the tag before',
    n_current     UInt64                             COMMENT 'People of now who are compared; of segment_size who hold the tag now',
    psi           Nullable(Float64)                  COMMENT 'Population stability index, at most 10 bins; NULL where too few people can be compared',
    js            Nullable(Float64)                  COMMENT 'Jensen-Shannon divergence in bits, 0 (alike) to 1 (nothing in common)',
    ks            Nullable(Float64)                  COMMENT 'Kolmogorov-Smirnov distance of the values, 0 to 1; NULL for tags',
    p_value       Nullable(Float64)                  COMMENT 'Probability of at least that ks without drift; alarms nobody',
    drift_p_value Nullable(Float64)                  COMMENT 'Probability of at least that psi without drift; of calibration, of at least that gap',
    limit         Nullable(Float64)                  COMMENT 'What psi (of calibration the gap) must pass to alarm: what chance makes of so few people among so many measures, or the least anybody would act on; NULL where nothing is tested',
    alarm         Bool                               COMMENT 'true: the limit is passed',
    tenure_part   Nullable(Float64)                  COMMENT 'Of the stratum all: the part of psi that another mix of tenures makes up alone',
    expected      Nullable(Float64)                  COMMENT 'Of calibration: mean prediction, 0 to 1',
    observed      Nullable(Float64)                  COMMENT 'Of calibration: share that came true, 0 to 1',
    observed_low  Nullable(Float64)                  COMMENT 'Lower end of the 95 % interval of observed',
    observed_high Nullable(Float64)                  COMMENT 'Upper end of the 95 % interval of observed',
    causes        Map(LowCardinality(String), Int64) COMMENT 'Of segment_size: people gained or lost by cause; adds up to n_current - n_reference'
)
AS SELECT * FROM drift_rows FINAL
COMMENT 'What drifted, against which limit, among how many people, and why tags gained or lost people';
