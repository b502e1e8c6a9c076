-- Why tags change: transitions by month, dimension and cause.
-- Many by late_event or refund in one month point at a source that delivered late or took back much.
SELECT
    toStartOfMonth(effective_at) AS month,
    dimension,
    cause,
    count() AS transitions,
    uniqExact(person_id) AS people
FROM tag_transitions
GROUP BY month, dimension, cause
ORDER BY month, dimension, transitions DESC, cause
