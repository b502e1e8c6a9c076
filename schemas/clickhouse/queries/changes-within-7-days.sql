-- Whose tag can change within the next 7 days if they do nothing: the people to reach before it happens.
-- What a person is worth comes with it, most valuable first; a person without a profile counts as 0.
-- "Now" is the latest row of the table, so that the answer makes sense for a replayed history too; put now() in
-- its place for the calendar's 7 days.
WITH (SELECT max(updated_at) FROM current_tags) AS as_of
SELECT
    t.person_id AS person_id,
    t.dimension AS dimension,
    t.tag AS tag,
    t.since AS held_since,
    t.next_change_at AS can_change_at,
    p.value_365d AS value_365d,
    p.last_order_at AS last_order_at
FROM current_tags AS t
LEFT JOIN person_profiles AS p ON p.person_id = t.person_id
WHERE t.next_change_at > as_of AND t.next_change_at <= as_of + INTERVAL 7 DAY
ORDER BY value_365d DESC, can_change_at, person_id, dimension
LIMIT 1000
