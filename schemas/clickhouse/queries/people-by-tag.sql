-- How many people hold each tag now, and what share of their dimension that is.
-- People who held a tag and lost it without getting another appear as `none`.
SELECT
    dimension,
    tag,
    count() AS people,
    round(100 * people / sum(people) OVER (PARTITION BY dimension), 1) AS percent
FROM current_tags
GROUP BY dimension, tag
ORDER BY dimension, people DESC, tag
