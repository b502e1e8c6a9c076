-- How much of the value hangs on how few: the share of a year's value that the top 1, 10 and 20 % of buyers
-- bring, and the Gini coefficient (0: all alike, 1: one person brings everything).
-- Buyers are those with an order in the last 365 days up to their own updated_at.
WITH ranked AS
(
    SELECT
        toFloat64(value_365d) AS brought,
        row_number() OVER (ORDER BY value_365d DESC, person_id) AS place,
        count() OVER () AS buyers
    FROM person_profiles
    WHERE orders_365d > 0
)
SELECT
    count() AS people,
    round(sum(brought), 2) AS value,
    round(100 * sumIf(brought, place <= ceil(buyers * 0.01)) / sum(brought), 1) AS percent_of_top_1,
    round(100 * sumIf(brought, place <= ceil(buyers * 0.10)) / sum(brought), 1) AS percent_of_top_10,
    round(100 * sumIf(brought, place <= ceil(buyers * 0.20)) / sum(brought), 1) AS percent_of_top_20,
    round(sum((buyers + 1 - 2 * toInt64(place)) * brought) / (count() * sum(brought)), 3) AS gini
FROM ranked
HAVING people > 0
