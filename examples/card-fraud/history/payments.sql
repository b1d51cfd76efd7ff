-- The payment system's names on the left of AS, the stream's on the right.
SELECT payment_ref AS decision_id,
       ts AS decided_at,
       outcome AS decision,
       risk AS score,
       cutoff AS threshold,
       split_part(engine, '-', 1) AS model,
       split_part(engine, '-', 2) AS model_version,
       account AS account_id,
       eur AS amount,
       ctry AS country,
       channel AS device,
       shop_type AS merchant,
       account_age AS account_age_days,
       velocity AS payments_last_hour
FROM input
