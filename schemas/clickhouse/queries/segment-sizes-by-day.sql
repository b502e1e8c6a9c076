-- How each tag grew and shrank: the days on which its number of holders changed, with the number at the end of
-- the day. segment_sizes has every hour; leave the last line's condition out for the days without change too.
SELECT
    toDate(hour) AS day,
    dimension,
    tag,
    argMax(segment_sizes.people, hour) AS people,
    people - lagInFrame(people) OVER (PARTITION BY dimension, tag ORDER BY day) AS change
FROM segment_sizes
GROUP BY day, dimension, tag
QUALIFY change != 0
ORDER BY day, dimension, tag
