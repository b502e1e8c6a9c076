-- What the latest measurement against each reference says of every measure: how much people differ from people of
-- like tenure, against which limit, and among whom that alarms. psi_all is everybody against everybody, and
-- tenure_part how much of it is nothing but age.
SELECT
    reference,
    max(measured_at) AS at,
    kind,
    name,
    anyIf(drift.psi, stratum = 'like tenure') AS psi,
    anyIf(drift.limit, stratum = 'like tenure') AS limit,
    anyIf(n_current, stratum = 'like tenure') AS people,
    max(drift.alarm) AS alarm,
    arraySort(groupArrayIf(stratum, drift.alarm)) AS alarmed_among,
    anyIf(drift.psi, stratum = 'all') AS psi_all,
    anyIf(drift.tenure_part, stratum = 'all') AS tenure_part
FROM drift
WHERE kind IN ('feature', 'score', 'segment')
    AND (reference, measured_at) IN (SELECT reference, max(measured_at) FROM drift GROUP BY reference)
GROUP BY reference, kind, name
ORDER BY reference, alarm DESC, psi DESC, kind, name
