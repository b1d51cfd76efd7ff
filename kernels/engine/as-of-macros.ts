/**
 * Time is pinned: inside a session "now" is the as-of time, so that a result can be derived again. The functions that
 * tell the clock's time are covered by macros of the same names in the main schema, which DuckDB finds before its own.
 * The gate refuses to name the covered ones with their schema.
 *
 * `asOf` is ISO 8601 with zone; local ones (current_date, localtime, …) are in the engine's time zone.
 */
export function asOfMacros(asOf: string): string[] {
  if (Number.isNaN(Date.parse(asOf)))
    throw new Error(`As-of ${JSON.stringify(asOf)} is not a time in ISO 8601, like 2026-03-01T10:00:00Z`);
  const instant = `'${asOf}'::TIMESTAMPTZ`;
  const local = `(${instant})::TIMESTAMP`;
  const bodies: readonly (readonly [string, string])[] = [
    ["now", instant],
    ["get_current_timestamp", instant],
    ["transaction_timestamp", instant],
    ["today", `${local}::DATE`],
    ["current_date", `${local}::DATE`],
    ["current_localtimestamp", local],
    ["current_localtime", `${local}::TIME`],
    ["get_current_time", `${local}::TIME::TIMETZ`],
  ];
  return [
    ...bodies.map(([name, body]) => `CREATE OR REPLACE MACRO main.${name}() AS ${body}`),
    `CREATE OR REPLACE MACRO main.age(a) AS system.main.age(date_trunc('day', ${local}), a::TIMESTAMP), (a, b) AS system.main.age(a, b)`,
  ];
}
