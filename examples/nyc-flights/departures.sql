SELECT carrier || flight || '-' || strftime(scheduled AT TIME ZONE 'America/New_York', '%Y-%m-%d') AS decision_id,
       scheduled + to_minutes(coalesce(departure_delay, 0)) AS decided_at,
       CASE WHEN departure_delay IS NULL THEN 'cancelled' WHEN score >= 0.5 THEN 'alert' ELSE 'quiet' END AS decision,
       round(score::DOUBLE, 3) AS score,
       'delay-table' AS model,
       '2013-03' AS model_version,
       carrier, flight::VARCHAR AS flight, dest, distance, departure_delay
FROM input
