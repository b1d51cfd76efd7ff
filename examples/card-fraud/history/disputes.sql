SELECT payment_ref AS decision_id,
       ts AS observed_at,
       said_by AS source,
       is_fraud AS label,
       agent AS reviewer
FROM input
