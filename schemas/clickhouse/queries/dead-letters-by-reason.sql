-- What could not be used, by source and reason, with one example of each to start from.
SELECT
    source,
    reason,
    count() AS records,
    min(received_at) AS first_at,
    max(received_at) AS last_at,
    argMin(place, offset) AS first_place,
    argMin(detail, offset) AS first_detail
FROM dead_letters
GROUP BY source, reason
ORDER BY records DESC, source, reason
