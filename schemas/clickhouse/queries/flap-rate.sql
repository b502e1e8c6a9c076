-- How restless each dimension is: the share of its changes that were taken back within 30 days, most restless first.
-- Taken back: the person is at the tag they left again, be it by way of others. A person's first tag is no change, and
-- neither is what happened less than 30 days before the latest transition, whose time to be taken back is not over.
WITH
    INTERVAL 30 DAY AS time_to_revert,
    (SELECT max(effective_at) FROM tag_transitions) AS known_until,
    walks AS
    (
        SELECT
            dimension,
            arraySort(c -> (c.1, c.2), groupArray((effective_at, decided_at, from_tag, to_tag))) AS steps
        FROM tag_transitions
        GROUP BY dimension, person_id
    )
SELECT
    dimension,
    count() AS changes,
    countIf(has(later, step.3)) AS reverted,
    round(reverted / changes, 4) AS flap_rate
FROM
(
    SELECT
        dimension,
        place,
        step,
        arrayMap(s -> s.4, arrayFilter(s -> s.1 <= step.1 + time_to_revert, arraySlice(steps, place + 1))) AS later
    FROM walks
    ARRAY JOIN steps AS step, arrayEnumerate(steps) AS place
)
WHERE NOT (place = 1 AND step.3 = 'none') AND step.1 + time_to_revert <= known_until
GROUP BY dimension
ORDER BY flap_rate DESC, dimension
