/** A SELECT of rows with ten columns of the types that logs have: numbers, texts short and long, times, nulls. */
export const mixedRows = (
  rows: number,
): string => `SELECT range AS id, 'decision-' || lpad(range::VARCHAR, 12, '0') AS decision_id,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_milliseconds(range * 37) AS decided_at,
  (hash(range) % 1000)::DOUBLE / 1000 AS score, (hash(range) % 7 = 0) AS flagged,
  ['approve', 'review', 'decline'][1 + (hash(range) % 3)::INT] AS decision,
  (hash(range) % 100000)::DECIMAL(12, 2) / 100 AS amount,
  CASE WHEN hash(range) % 10 = 0 THEN NULL ELSE (hash(range) % 90)::INTEGER END AS age,
  'customer of the ' || (hash(range) % 5000)::VARCHAR || 'th kind' AS segment,
  DATE '2026-01-01' + (range % 365)::INTEGER AS day FROM range(${rows})`;
