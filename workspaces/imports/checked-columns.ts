import type { PartColumn } from "../catalog/catalog-snapshot.ts";
import type { Contract } from "../contracts/contract.ts";
import { shapeOf, valueRules } from "../lake/shape-of-contract.ts";
import { quoteName, quoteText } from "../lake/sql-text.ts";
import { eventColumns, type ShapeColumn } from "../lake/stream-shape.ts";

/**
 * The contract check of `check-event.ts` as SQL over columns, for files: the same columns and, as far as text of a file
 * can be wrong in the same ways, the same reasons. Each piece is an expression over a row of the table `staged`.
 */
export interface CheckedColumns {
  /** `expression AS name` for each column of the log, null where the input has no such column. */
  readonly values: readonly string[];
  /** The first reason why a row is refused, or NULL. */
  readonly reason: string;
  /** The row as JSON text without its empty fields, for the quarantine. */
  readonly raw: string;
}

interface Source {
  readonly name: string;
  readonly type: string;
}

const INTEGERS = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\()/;
const OFFSET = "'(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'";

export function checkedColumns(
  contract: Contract,
  log: "decisions" | "feedback",
  staged: readonly PartColumn[],
  zone: string,
): CheckedColumns {
  const columns = eventColumns(shapeOf(contract), log).filter((column) => column.name !== "extra");
  const taken = new Set<string>(["known_at", "row#"]);
  const values: string[] = [];
  const reasons: string[] = [];
  const sourceOf = (column: ShapeColumn): Source | null => {
    for (const name of [column.name, ...aliases(contract, log, column.name)]) {
      const found =
        staged.find((one) => one.name === name) ?? staged.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (found === undefined) continue;
      taken.add(found.name);
      return found;
    }
    return null;
  };
  const rules = contract.strict ? valueRules(contract, log) : [];
  for (const column of columns) {
    const source = sourceOf(column);
    const isRequired = required(log).includes(column.name);
    if (source === null) {
      values.push(`NULL::${column.type} AS ${quoteName(column.name)}`);
      if (isRequired) reasons.push(`WHEN true THEN ${quoteText(`${column.name}: missing`)}`);
      continue;
    }
    const { typed, expected, wrong } = typedValue(source, column, contract, zone);
    values.push(`${typed} AS ${quoteName(column.name)}`);
    const name = quoteName(source.name);
    if (isRequired)
      reasons.push(`WHEN ${name} IS NULL OR ${name}::VARCHAR = '' THEN ${quoteText(`${column.name}: missing`)}`);
    if (wrong !== null)
      reasons.push(
        `WHEN ${wrong} THEN ${quoteText(`${column.name}: expected ${expected}, got `)} || to_json(left(${name}::VARCHAR, 80))::VARCHAR`,
      );
    for (const rule of rules.filter((one) => one.column === column.name))
      reasons.push(
        `WHEN ${rule.broken.replaceAll(quoteName(column.name), `(${typed})`)} THEN ${quoteText(`${rule.name} is broken by `)} || to_json(${name}::VARCHAR)::VARCHAR`,
      );
  }
  if (log === "feedback" && !staged.some((one) => ["label", "value"].includes(one.name.toLowerCase())))
    reasons.push(`WHEN true THEN 'label: missing; feedback carries a label (null withdraws one) or a value'`);
  const unknown = staged.filter((one) => !taken.has(one.name));
  const fields = unknown.map((one) => `${quoteText(one.name)}, ${quoteName(one.name)}`).join(", ");
  values.push(
    unknown.length === 0
      ? "NULL::VARCHAR AS extra"
      : `nullif(json_merge_patch('{}'::JSON, json_object(${fields}))::VARCHAR, '{}') AS extra`,
  );
  const all = staged
    .filter((one) => one.name !== "row#")
    .map((one) => `${quoteText(one.name)}, ${quoteName(one.name)}`);
  return {
    values,
    reason: reasons.length === 0 ? "NULL::VARCHAR" : `CASE ${reasons.join("\n      ")} END`,
    raw: `json_merge_patch('{}'::JSON, json_object(${all.join(", ")}))::VARCHAR`,
  };
}

function required(log: "decisions" | "feedback"): readonly string[] {
  return log === "decisions" ? ["decision_id", "decided_at", "decision"] : ["decision_id", "source"];
}

/** `entity_id` and `amount` are copies of the features that the contract names: either name may carry the value. */
function aliases({ decision }: Contract, log: "decisions" | "feedback", column: string): string[] {
  if (log === "feedback") return [];
  return [...(column === decision.entity ? ["entity_id"] : []), ...(column === decision.amount ? ["amount"] : [])];
}

interface Typed {
  readonly typed: string;
  readonly expected: string;
  /** True for a row whose value does not fit; null when none can. */
  readonly wrong: string | null;
}

function typedValue(source: Source, column: ShapeColumn, contract: Contract, zone: string): Typed {
  const name = quoteName(source.name);
  // An empty text is a missing value everywhere but in text columns of JSON, where a file cannot tell us anyway.
  const text = `nullif(trim(${name}::VARCHAR), '')`;
  const cast = `TRY_CAST(${source.type === "VARCHAR" ? text : name} AS ${column.type})`;
  const absent = source.type === "VARCHAR" ? `${text} IS NULL` : `${name} IS NULL`;
  const wrongCast = `NOT (${absent}) AND (${cast}) IS NULL`;
  switch (column.type) {
    case "VARCHAR":
      return { typed: `nullif(${name}::VARCHAR, '')`, expected: "text", wrong: null };
    case "JSON":
      return { typed: `to_json(${name})::VARCHAR`, expected: "JSON", wrong: null };
    case "DOUBLE": {
      const { min, max } = contract.decision.score;
      const range = column.name === "score" && min !== null && max !== null ? ` from ${min} to ${max}` : "";
      return { typed: cast, expected: `a number${range}`, wrong: `(${wrongCast}) OR NOT isfinite(${cast})` };
    }
    case "BIGINT":
      return {
        typed: cast,
        expected: "a whole number from -2^63 to 2^63 - 1",
        wrong: INTEGERS.test(source.type) ? wrongCast : `(${wrongCast}) OR TRY_CAST(${text} AS DOUBLE) % 1 <> 0`,
      };
    case "BOOLEAN":
      return {
        typed: cast,
        expected: "true or false",
        wrong:
          source.type === "BOOLEAN" ? null : `NOT (${absent}) AND lower(${text}) NOT IN ('true', 'false', '0', '1')`,
      };
    case "DATE":
      return { typed: cast, expected: "a date such as 2026-03-01", wrong: wrongCast };
    case "TIMESTAMP WITH TIME ZONE":
      return timeValue(source, zone, text);
    default: {
      // Decimals. A binary fraction from Parquet is rounded to the column; text with more digits is refused.
      const [, precision = 18, scale = 0] = /^DECIMAL\((\d+),(\d+)\)$/.exec(column.type) ?? [];
      const digits = `a decimal with at most ${Number(precision) - Number(scale)} digits before and ${scale} after the point`;
      const finer = NUMERIC.test(source.type) ? "" : ` OR TRY_CAST(${text} AS DECIMAL(38, 18)) <> ${cast}`;
      return { typed: cast, expected: digits, wrong: `(${wrongCast})${finer}` };
    }
  }
}

function timeValue(source: Source, zone: string, text: string): Typed {
  const name = quoteName(source.name);
  const inZone = (local: string): string => `(${local} AT TIME ZONE ${quoteText(zone)})`;
  const expected = "a time such as 2026-03-01T10:15:00+01:00";
  if (source.type === "TIMESTAMP WITH TIME ZONE") return { typed: name, expected, wrong: null };
  if (source.type.startsWith("TIMESTAMP") || source.type === "DATE")
    return { typed: inZone(`${name}::TIMESTAMP`), expected, wrong: null };
  const typed = `CASE WHEN regexp_matches(${text}, ${OFFSET}) AND contains(${text}, ':')
        THEN TRY_CAST(${text} AS TIMESTAMPTZ) ELSE ${inZone(`TRY_CAST(${text} AS TIMESTAMP)`)} END`;
  return { typed, expected, wrong: `${text} IS NOT NULL AND (${typed}) IS NULL` };
}
