-- Calls for action by day: how many of each trigger, how many of them were sent, how many people they concern.
SELECT
    toDate(fired_at) AS day,
    trigger,
    count() AS triggers,
    countIf(NOT muted) AS sent,
    uniqExact(person_id) AS people
FROM trigger_events
GROUP BY day, trigger
ORDER BY day, triggers DESC, trigger
