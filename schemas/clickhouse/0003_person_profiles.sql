-- What is known of a person now: one row each, the one with the latest updated_at.
--
-- Money is Decimal(38, 3), in major units of the reporting currency: sums are exact, no currency has more than
-- three decimals, and a ratio of two of them does not overflow.
CREATE TABLE IF NOT EXISTS person_profiles_rows
(
    person_id         String,
    first_order_at    Nullable(DateTime64(3, 'UTC')),
    last_order_at     Nullable(DateTime64(3, 'UTC')),
    orders_30d        UInt32,
    orders_90d        UInt32,
    orders_365d       UInt32,
    orders_total      UInt32,
    value_30d         Decimal(38, 3),
    value_90d         Decimal(38, 3),
    value_365d        Decimal(38, 3),
    value_total       Decimal(38, 3),
    r                 UInt8,
    f                 UInt8,
    m                 UInt8,
    first_sale_at     Nullable(DateTime64(3, 'UTC')),
    last_sale_at      Nullable(DateTime64(3, 'UTC')),
    sales_30d         UInt32,
    sales_90d         UInt32,
    sales_365d        UInt32,
    sales_total       UInt32,
    sales_value_30d   Decimal(38, 3),
    sales_value_90d   Decimal(38, 3),
    sales_value_365d  Decimal(38, 3),
    sales_value_total Decimal(38, 3),
    seller_r          UInt8,
    seller_f          UInt8,
    seller_m          UInt8,
    listings_90d      UInt32,
    listings_total    UInt32,
    churn_30d         Nullable(Float64),
    churn_90d         Nullable(Float64),
    value_segment     LowCardinality(String),
    merged_into       String,
    updated_at        DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY person_id
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Storage of person_profiles: holds superseded rows until a merge; read person_profiles instead';

CREATE VIEW IF NOT EXISTS person_profiles
(
    person_id         String                         COMMENT 'Who',
    first_order_at    Nullable(DateTime64(3, 'UTC')) COMMENT 'First completed order as a buyer, UTC; NULL when there is none',
    last_order_at     Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest completed order as a buyer, UTC; NULL when there is none',
    orders_30d        UInt32                         COMMENT 'Orders in the 30 days up to updated_at, cancelled ones taken out',
    orders_90d        UInt32                         COMMENT 'Orders in the 90 days up to updated_at, cancelled ones taken out',
    orders_365d       UInt32                         COMMENT 'Orders in the 365 days up to updated_at, cancelled ones taken out',
    orders_total      UInt32                         COMMENT 'Orders ever, cancelled ones taken out',
    value_30d         Decimal(38, 3)                 COMMENT 'Money spent in the 30 days up to updated_at, major units of the reporting currency, net of refunds',
    value_90d         Decimal(38, 3)                 COMMENT 'Money spent in the 90 days up to updated_at, major units of the reporting currency, net of refunds',
    value_365d        Decimal(38, 3)                 COMMENT 'Money spent in the 365 days up to updated_at, major units of the reporting currency, net of refunds',
    value_total       Decimal(38, 3)                 COMMENT 'Money spent ever, major units of the reporting currency, net of refunds',
    r                 UInt8                          COMMENT 'Recency score as a buyer, 1 (long ago) to 5; 0 while there is no basis',
    f                 UInt8                          COMMENT 'Frequency score as a buyer, 1 (seldom) to 5; 0 while there is no basis',
    m                 UInt8                          COMMENT 'Monetary score as a buyer, 1 (little) to 5; 0 while there is no basis',
    first_sale_at     Nullable(DateTime64(3, 'UTC')) COMMENT 'First completed order as a seller, UTC; NULL when there is none',
    last_sale_at      Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest completed order as a seller, UTC; NULL when there is none',
    sales_30d         UInt32                         COMMENT 'Sales in the 30 days up to updated_at, cancelled ones taken out',
    sales_90d         UInt32                         COMMENT 'Sales in the 90 days up to updated_at, cancelled ones taken out',
    sales_365d        UInt32                         COMMENT 'Sales in the 365 days up to updated_at, cancelled ones taken out',
    sales_total       UInt32                         COMMENT 'Sales ever, cancelled ones taken out',
    sales_value_30d   Decimal(38, 3)                 COMMENT 'Money taken in the 30 days up to updated_at, major units of the reporting currency, net of refunds',
    sales_value_90d   Decimal(38, 3)                 COMMENT 'Money taken in the 90 days up to updated_at, major units of the reporting currency, net of refunds',
    sales_value_365d  Decimal(38, 3)                 COMMENT 'Money taken in the 365 days up to updated_at, major units of the reporting currency, net of refunds',
    sales_value_total Decimal(38, 3)                 COMMENT 'Money taken ever, major units of the reporting currency, net of refunds',
    seller_r          UInt8                          COMMENT 'Recency score as a seller, 1 to 5; 0 while there is no basis',
    seller_f          UInt8                          COMMENT 'Frequency score as a seller, 1 to 5; 0 while there is no basis',
    seller_m          UInt8                          COMMENT 'Monetary score as a seller, 1 to 5; 0 while there is no basis',
    listings_90d      UInt32                         COMMENT 'Listings created in the 90 days up to updated_at',
    listings_total    UInt32                         COMMENT 'Listings created ever',
    churn_30d         Nullable(Float64)              COMMENT 'Churn probability at 30 days, 0 to 1; NULL when no model has scored the person',
    churn_90d         Nullable(Float64)              COMMENT 'Churn probability at 90 days, 0 to 1; NULL when no model has scored the person',
    value_segment     LowCardinality(String)         COMMENT 'Cluster of recency, frequency and value, by name; empty when there is none',
    merged_into       String                         COMMENT 'Always empty here: ids that were merged into another are left out',
    updated_at        DateTime64(3, 'UTC')           COMMENT 'The instant this row speaks of, UTC: windows end here'
)
AS SELECT * FROM person_profiles_rows FINAL WHERE merged_into = ''
COMMENT 'Every person once, with orders, money and scores, as buyer and as seller';
