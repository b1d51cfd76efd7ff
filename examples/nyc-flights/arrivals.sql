SELECT carrier || flight || '-' || strftime(scheduled AT TIME ZONE 'America/New_York', '%Y-%m-%d') AS decision_id,
       arrival_delay >= 15 AS label,
       'arrival' AS source,
       scheduled + to_minutes(departure_delay + air_time) AS observed_at
FROM input WHERE arrival_delay IS NOT NULL
