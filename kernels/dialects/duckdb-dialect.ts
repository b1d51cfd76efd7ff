import type { Dialect, ExactDistances } from "../../cells/monitoring/dialect.ts";

const TYPES = {
  number: "DOUBLE",
  integer: "HUGEINT",
  timestamp: "TIMESTAMPTZ",
  date: "DATE",
  boolean: "BOOLEAN",
  json: "JSON",
} as const;

/** How DuckDB says it. */
export const duckdbDialect: Dialect = {
  name: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  number: double,
  instant: (iso) => `TIMESTAMPTZ '${iso.replaceAll("'", "''")}'`,
  double: (expression) => `TRY_CAST(${expression} AS DOUBLE)`,
  reads: (expression, type) => `(TRY_CAST(${expression} AS ${TYPES[type]}) IS NOT NULL)`,
  matches: (expression, pattern) => `regexp_full_match(${expression}, '${pattern.replaceAll("'", "''")}')`,
  firstRows: (select, count) => `SELECT COLUMNS(*)::VARCHAR FROM (${select}\n) ORDER BY ALL LIMIT ${count}`,
  isFinite: (expression) => `isfinite(${expression})`,
  // Of the instants' numbers: the difference of two TIMESTAMPTZ takes fifty times as long.
  seconds: (from, to) => `((epoch_us(${to}::TIMESTAMPTZ) - epoch_us(${from}::TIMESTAMPTZ)) / 1e6)`,
  integers: (count, column) => `range(${count}) AS ${column}s(${column})`,
  repeated: (times) => `unnest(range(CAST(${times} AS BIGINT)))`,
  // A limit is read by one thread, in order, and so is everything above it until the next sort or grouping ends.
  inOrder: (select, keys) => `(SELECT * FROM (${select}) ORDER BY ${keys.join(", ")} LIMIT ${2n ** 62n})`,
  outcomesKnown: (stream, moments) => {
    const { name, instant } = duckdbDialect;
    const list = moments.map(
      ({ start, end, knownBy }) => `{start: ${instant(start)}, "end": ${instant(end)}, known_by: ${instant(knownBy)}}`,
    );
    return `${name(stream)}.outcomes_known([${list.join(", ")}])`;
  },
  hash: (expressions) => `hash(${expressions.join(", ")})`,
  // Hashed twice: of several values DuckDB's hash is the xor of theirs, which does not mix them. 53 bits fill a double.
  uniform: (expressions) => `((hash(hash(${expressions.join(", ")})) >> 11)::DOUBLE / 9007199254740992)`,

  // DuckDB closes bins on the right: each edge is lowered by one unit in the last place.
  histogram: (expression, edges) => {
    const closed = edges.map((edge) => double(nextBelow(edge)));
    return `map_values(histogram(${expression}, [${[...closed, "'inf'::DOUBLE"].join(", ")}]))`;
  },

  quantiles: (expressions, parts, from) => {
    const sorted = expressions.map((_, at) => `list_sort(list(x${at}) FILTER (WHERE x${at} IS NOT NULL)) AS v${at}`);
    const rows = `SELECT ${expressions.map((one, at) => `${one} AS x${at}`).join(", ")} ${from}`;
    return `WITH picked AS (${rows}), sorted AS (SELECT ${sorted.join(", ")} FROM picked)
SELECT ${expressions.map((_, at) => `list_transform(range(0, ${parts + 1}), lambda i: ${atRank(`v${at}`, parts)}) AS q${at}, len(v${at}) AS n${at}`).join(", ")}
FROM sorted`;
  },

  fixedSum: (expression, scale) => `sum(TRY_CAST((${expression}) * ${double(scale)} AS BIGINT))::VARCHAR`,

  unitStart: (unit, instant, zone) =>
    `strftime(date_trunc('${unit}', ${instant} AT TIME ZONE '${zone.replaceAll("'", "''")}'), '%Y-%m-%d %H:%M:%S')`,

  exactDistances,
  exactDistancesByGroup,
};

/** a + (b − a)·t between neighbours, and a itself where t is 0 or both are equal: numpy's linear method. */
function atRank(list: string, parts: number): string {
  const place = `((len(${list}) - 1) * i / ${parts}.0)`;
  const at = (rank: string): string => `${list}[1 + CAST(${rank}(${place}) AS BIGINT)]`;
  const [low, high] = [at("floor"), at("ceil")];
  return `CASE WHEN ${low} = ${high} THEN ${low} ELSE ${low} + (${high} - ${low}) * (${place} - floor(${place})) END`;
}

/**
 * One row: `d` = sup |F − G| as an integer over n·m, `w` = ∫|F − G| dx as an integer over n·m·scale. A reference row
 * weighs m and a current one −n, so that the running sum over the sorted distinct values is n·m·(F − G): whole numbers,
 * which no order of adding changes. The values being distinct, a frame of rows is that of values, in half the time.
 */
function exactDistances({ reference, current, nReference, nCurrent, scale }: ExactDistances): string {
  // Doubles hold every whole number up to 2^53, and are summed faster.
  const type = nReference * nCurrent < 2 ** 53 ? "DOUBLE" : "HUGEINT";
  return `WITH both_sides AS (
  SELECT v, ${nCurrent}::${type} AS x FROM (${reference}) UNION ALL SELECT v, ${-nReference}::${type} FROM (${current})
), counted AS (SELECT v, sum(x) AS x FROM both_sides GROUP BY v
), summed AS (
  SELECT lead(v) OVER w - v AS dx, abs(sum(x) OVER w) AS d FROM counted WINDOW w AS (ORDER BY v ROWS UNBOUNDED PRECEDING)
)
SELECT max(d)::HUGEINT::VARCHAR AS d,
  coalesce(sum(d::HUGEINT * CAST(round(dx * ${double(scale)}) AS HUGEINT)), 0)::VARCHAR AS w
FROM summed`;
}

/** As `exactDistances`, the reference's values standing once in each group; its counts are of the distinct values. */
function exactDistancesByGroup({
  reference,
  current,
  nReference,
  scale,
}: Parameters<Dialect["exactDistancesByGroup"]>[0]): string {
  return `WITH of_reference AS (SELECT v, count(*)::HUGEINT AS r FROM (${reference}) GROUP BY v
), of_current AS (SELECT g, v, count(*)::HUGEINT AS c FROM (${current}) GROUP BY g, v
), sizes AS (SELECT g, sum(c) AS m FROM of_current GROUP BY g
), both_sides AS (
  SELECT g, v, r * m AS x FROM of_reference, sizes UNION ALL SELECT g, v, c * ${-nReference} FROM of_current
), counted AS (SELECT g, v, sum(x) AS x FROM both_sides GROUP BY g, v
), summed AS (
  SELECT g, lead(v) OVER w - v AS dx, abs(sum(x) OVER w) AS d FROM counted WINDOW w AS (PARTITION BY g ORDER BY v ROWS UNBOUNDED PRECEDING)
)
SELECT g, max(d)::HUGEINT::VARCHAR AS d,
  coalesce(sum(d::HUGEINT * CAST(round(dx * ${double(scale)}) AS HUGEINT)), 0)::VARCHAR AS w
FROM summed GROUP BY g ORDER BY g`;
}

function double(value: number): string {
  if (Number.isNaN(value)) return "'nan'::DOUBLE";
  if (!Number.isFinite(value)) return value > 0 ? "'inf'::DOUBLE" : "'-inf'::DOUBLE";
  // As text, which DuckDB reads exactly: a bare 0.9999999999999999 would be a DECIMAL, and 1.0 as a double. In parentheses:
  // `x - -4.7` must not become a comment.
  return `('${String(value)}'::DOUBLE)`;
}

const bits = new DataView(new ArrayBuffer(8));
/** The largest double below `value`. */
export function nextBelow(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}

/** The smallest double above `value`. */
export const nextAbove = (value: number): number => -nextBelow(-value);
