-- Who went where in the last 30 days: from which tag to which, how often, how many people, and how much of it
-- because time passed and nothing else happened.
-- "Now" is the latest transition in the table, so that the answer makes sense for a replayed history too; put
-- now() in its place for the calendar's 30 days.
WITH (SELECT max(effective_at) FROM tag_transitions) AS as_of
SELECT
    dimension,
    from_tag,
    to_tag,
    count() AS transitions,
    uniqExact(person_id) AS people,
    round(100 * countIf(cause = 'time') / count(), 1) AS percent_by_time
FROM tag_transitions
WHERE effective_at > as_of - INTERVAL 30 DAY
GROUP BY dimension, from_tag, to_tag
ORDER BY dimension, transitions DESC, from_tag, to_tag
