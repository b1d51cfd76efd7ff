import { DECISION_FIELDS, RESERVED_NAMES } from "./contract.ts";

/** What a sample of a file says of one column. `distinct` counts the sample's values that are not missing. */
export interface SampledColumn {
  readonly name: string;
  /** DuckDB type. */
  readonly type: string;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: number;
  readonly min: string | null;
  readonly max: string | null;
  /** The most frequent values, at most 20. */
  readonly values: readonly string[];
}

export interface Inferred {
  /** YAML with comments, for review. */
  readonly contract: string;
  /** A SELECT over `input` that gives the stream's columns their names. */
  readonly select: string;
  readonly notes: readonly string[];
}

type Role = "decision_id" | "decided_at" | "decision" | "score" | "model" | "model_version" | "threshold";

/** Names that people give to the fields of a decision, best guess first. */
const NAMES: Readonly<Record<Role, RegExp>> = {
  decision_id:
    /^(decision_id|(payment|order|transaction|application|request|event|case)_?(id|ref|no|number)|id|ref|uuid|key)$/i,
  decided_at: /^(decided_at|decision_time|event_time|created_at|timestamp|datetime|time|ts|at|date)$/i,
  decision: /^(decision|outcome|action|result|verdict|status)$/i,
  score: /^(score|risk|risk_score|probability|proba|prediction|pd|p)$/i,
  model: /^(model|model_name|engine)$/i,
  model_version: /^(model_version|version)$/i,
  threshold: /^(threshold|cutoff|limit)$/i,
};
const ENTITY = /^(account|customer|user|client|merchant|borrower|member|card)(_?(id|no|ref))?$/i;
const AMOUNT = /^(amount|value|eur|usd|gbp|price|sum|total|principal|loan_amount)$/i;
const PERSONAL = /(name|email|phone|address|iban|account|customer|user|ip|card)/i;
const POSITIVE =
  /^(review|block|reject|rejected|decline|declined|deny|denied|flag|flagged|alert|remove|removed|1|true|yes)$/i;
const MOST_VALUES = 12;

/** Proposes a contract for decisions like those of a sample. The user reviews it: every guess is marked. */
export function inferContract(stream: string, columns: readonly SampledColumn[]): Inferred {
  const notes: string[] = [];
  const roles = new Map<Role, SampledColumn>();
  for (const role of Object.keys(NAMES) as Role[]) {
    const found = pick(columns, [...roles.values()], role);
    if (found !== null) roles.set(role, found);
  }
  for (const role of ["decision_id", "decided_at", "decision"] as const)
    if (!roles.has(role))
      notes.push(`No column looks like ${role}, which every decision needs: name one in the SELECT.`);
  const isRole = new Set([...roles.values()].map((column) => column.name));
  const features = columns.filter((column) => !isRole.has(column.name) && !RESERVED_NAMES.has(column.name));
  for (const column of columns)
    if (!isRole.has(column.name) && RESERVED_NAMES.has(column.name))
      notes.push(`${column.name}: this name is reserved; rename it in the SELECT to keep it.`);
  const entity = features.find((column) => ENTITY.test(column.name));
  const amount = features.find(
    (column) => AMOUNT.test(column.name) && (isNumeric(column.type) || isMoney(column.values)),
  );
  const decision = roles.get("decision");
  const values = decision === undefined || decision.distinct > MOST_VALUES ? null : [...decision.values].sort();
  const positive = values?.filter((value) => POSITIVE.test(value)) ?? [];
  const score = roles.get("score");
  const inUnit = score !== undefined && Number(score.min) >= 0 && Number(score.max) <= 1;
  const lines = [
    `# Proposed from a sample of ${columns[0]?.rows ?? 0} rows. Review it: every event is checked against it.`,
    `stream: ${stream}`,
    "decision:",
    `  score: {type: number${inUnit ? ", min: 0, max: 1" : ""}}`,
    ...(values === null ? [] : [`  values: ${flow(values)}`]),
    positive.length === 0
      ? "  # positive: [review, block]     # which decisions count as alerts"
      : `  positive: ${flow(positive)}     # which decisions count as alerts: guessed`,
    ...(entity === undefined ? [] : [`  entity: ${scalar(entity.name)}     # whom the decision is about: guessed`]),
    ...(amount === undefined ? [] : [`  amount: ${scalar(amount.name)}     # what is at stake: guessed`]),
    ...(features.length === 0 ? [] : ["features:"]),
    ...features.map(featureLine),
    "feedback:",
    "  label: {type: boolean}             # or {type: text, values: […], positive: […]}",
    "  sources: [analyst]                 # highest priority first",
    "  maturity: 45 days                  # when the labels of a decision are expected to be complete",
    "lateness: 1 hour",
    "keep: forever",
    "",
  ];
  for (const role of ["decision_id", "decided_at"] as const) {
    const column = roles.get(role);
    if (column !== undefined && column.name.toLowerCase() !== role && !NAMES[role].test(column.name))
      notes.push(`${column.name} was taken as ${role}: see whether it is.`);
  }
  return { contract: lines.join("\n"), select: selectOf(columns, roles), notes };
}

function pick(columns: readonly SampledColumn[], taken: readonly SampledColumn[], role: Role): SampledColumn | null {
  const free = columns.filter((column) => !taken.includes(column) && fits(column, role));
  return (
    free.find((column) => column.name.toLowerCase() === role) ??
    free.find((column) => NAMES[role].test(column.name)) ??
    fallback(free, role)
  );
}

/** Where no name tells: the only time there is, or one called like a time; the first column that tells all rows apart. */
function fallback(free: readonly SampledColumn[], role: Role): SampledColumn | null {
  if (role === "decided_at")
    return free.find(({ name }) => /_(at|on|time|date|ts)$/i.test(name)) ?? (free.length === 1 ? free[0]! : null);
  if (role === "decision_id") return free.find(({ type }) => /^(VARCHAR|UUID|.*INT)/.test(type)) ?? null;
  return null;
}

function fits(column: SampledColumn, role: Role): boolean {
  switch (role) {
    case "decided_at":
      return /^(TIMESTAMP|DATE)/.test(column.type);
    case "score":
    case "threshold":
      return isNumeric(column.type);
    case "decision_id":
      return column.missing === 0 && column.distinct === column.rows;
    case "decision":
    case "model":
    case "model_version":
      return true;
  }
}

const isNumeric = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|UINTEGER|FLOAT|DOUBLE|DECIMAL)/.test(type);

const isMoney = (values: readonly string[]): boolean =>
  values.length > 0 && values.every((value) => /^-?\d+(\.\d{1,2})?$/.test(value));

function featureLine(column: SampledColumn): string {
  const parts = [`type: ${featureType(column)}`];
  const isCategory = column.type === "VARCHAR" && column.distinct <= MOST_VALUES && column.distinct * 3 <= column.rows;
  if (isNumeric(column.type) && Number(column.min) >= 0) parts.push("min: 0");
  if (isCategory) parts.push(`values: ${flow([...column.values].sort())}`);
  if (PERSONAL.test(column.name)) parts.push("personal: true");
  return `  ${scalar(column.name)}: {${parts.join(", ")}}`;
}

function featureType({ name, type, values }: SampledColumn): string {
  if (/^DECIMAL/.test(type)) return `"${type.toLowerCase()}"`;
  if (AMOUNT.test(name) && isMoney(values)) return '"decimal(14,2)"';
  if (/INT/.test(type)) return "integer";
  if (isNumeric(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  if (type === "DATE") return "date";
  if (type.startsWith("TIMESTAMP")) return "timestamp";
  return type === "VARCHAR" || type === "UUID" || type.startsWith("ENUM") ? "text" : "json";
}

function selectOf(columns: readonly SampledColumn[], roles: ReadonlyMap<Role, SampledColumn>): string {
  const roleOf = new Map([...roles].map(([role, column]) => [column.name, role]));
  const fields = columns.map((column) => {
    const role = roleOf.get(column.name);
    const name = `"${column.name.replaceAll('"', '""')}"`;
    return role === undefined || role === column.name ? name : `${name} AS ${role}`;
  });
  const missing = DECISION_FIELDS.slice(0, 2).filter((field) => !roles.has(field as Role));
  const hints = missing.map((field) => `-- AS ${field}: which column is it?`);
  return `${[...hints, "SELECT"].join("\n")} ${fields.join(",\n       ")}\nFROM input\n`;
}

/** A YAML scalar that stays text. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
const flow = (values: readonly string[]): string => `[${values.map(scalar).join(", ")}]`;
