/** A relation as named in `FROM`; parts that were not written are null. */
export interface RelationName {
  readonly catalog: string | null;
  readonly schema: string | null;
  readonly name: string;
}

export type SqlReading =
  | {
      readonly ok: true;
      readonly statements: number;
      /** Relations read, each once, in order of appearance; not the statement's own CTEs, nor files. */
      readonly relations: readonly RelationName[];
      /** Paths and patterns of files read, each once. */
      readonly files: readonly string[];
      /** What gives other rows each time, as people write it. */
      readonly unseeded: readonly string[];
    }
  /** `position`: offset in the statement, where DuckDB knows one. */
  | { readonly ok: false; readonly message: string; readonly position: number | null };

/** Functions of DuckDB that draw at random; `setseed` orders what one thread draws, not what several do. */
export const RANDOM_FUNCTIONS = ["random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid"];
const FILE_FUNCTION = /^(?:read_\w+|parquet_\w+|sniff_csv|glob)$/i;
const FILE_NAME = /\/|\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet|arrow)(?:\.(?:gz|zst))?$/i;

/**
 * What a statement reads, from the JSON that DuckDB's `json_serialize_sql` gives for it (parsed). Follows CTEs as DuckDB
 * binds them: a CTE is seen by those after it and by the query, not by itself unless it recurs; names ignore case.
 * A failed serialization is `ok: false` with DuckDB's message.
 */
export function relationsOf(serialized: unknown): SqlReading {
  if (!isRecord(serialized)) return { ok: false, message: "DuckDB could not read the statement", position: null };
  if (serialized.error === true) {
    const position = Number(serialized.position ?? Number.NaN);
    const message = String(serialized.error_message ?? "DuckDB could not read the statement");
    return { ok: false, message, position: Number.isInteger(position) ? position : null };
  }
  const statements = Array.isArray(serialized.statements) ? serialized.statements : [];
  const found: Found = { relations: new Map(), files: new Set(), unseeded: new Set() };
  for (const statement of statements) visit(statement, new Set(), found);
  return {
    ...{ ok: true, statements: statements.length, relations: [...found.relations.values()] },
    ...{ files: [...found.files], unseeded: [...found.unseeded] },
  };
}

interface Found {
  readonly relations: Map<string, RelationName>;
  readonly files: Set<string>;
  readonly unseeded: Set<string>;
}

type Scope = ReadonlySet<string>;

/** Walks everything: a relation may stand in any expression of any clause, and new node types hold them as old ones do. */
function visit(node: unknown, scope: Scope, found: Found): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, scope, found);
    return;
  }
  if (!isRecord(node)) return;
  const inner = isRecord(node.cte_map) ? withCtes(node.cte_map, scope, found) : scope;
  if (node.type === "BASE_TABLE") addTable(node, inner, found);
  else if (node.type === "TABLE_FUNCTION" && isRecord(node.function)) addTableFunction(node.function, inner, found);
  if (node.class === "FUNCTION" && RANDOM_FUNCTIONS.includes(text(node.function_name).toLowerCase()))
    found.unseeded.add(`${text(node.function_name)}()`);
  if (isRecord(node.sample) && node.sample.seed === -1) found.unseeded.add("SAMPLE without REPEATABLE");
  const recurring = node.type === "RECURSIVE_CTE_NODE" ? including(inner, text(node.cte_name)) : null;
  for (const [key, value] of Object.entries(node)) {
    if (key === "cte_map") continue;
    // Only the second branch of a recursive CTE sees the CTE itself.
    visit(value, recurring !== null && key === "right" ? recurring : inner, found);
  }
}

/** Visits the CTEs in order, each seeing those before it, and returns the scope with all of them. */
function withCtes(map: Record<string, unknown>, scope: Scope, found: Found): Scope {
  let inner = scope;
  for (const entry of Array.isArray(map.map) ? map.map : []) {
    if (!isRecord(entry)) continue;
    visit(entry.value, inner, found);
    inner = including(inner, text(entry.key));
  }
  return inner;
}

function addTable(node: Record<string, unknown>, scope: Scope, found: Found): void {
  const [catalog, schema, name] = [text(node.catalog_name), text(node.schema_name), text(node.table_name)];
  if (catalog === "" && schema === "") {
    if (scope.has(name.toLowerCase())) return;
    if (FILE_NAME.test(name)) {
      found.files.add(name);
      return;
    }
  }
  const relation = { catalog: catalog || null, schema: schema || null, name };
  found.relations.set(JSON.stringify(relation), relation);
}

function addTableFunction(call: Record<string, unknown>, scope: Scope, found: Found): void {
  const name = text(call.function_name);
  const [first] = Array.isArray(call.children) ? call.children : [];
  if (FILE_FUNCTION.test(name)) for (const file of literals(first)) found.files.add(file);
  if (name.toLowerCase() === "query_table")
    for (const table of literals(first)) addTable({ table_name: table }, scope, found);
}

/** Text constants of an argument, also in a list of them. */
function literals(node: unknown): string[] {
  if (!isRecord(node)) return [];
  if (isRecord(node.value) && typeof node.value.value === "string") return [node.value.value];
  return Array.isArray(node.children) ? node.children.flatMap(literals) : [];
}

function including(scope: Scope, name: string): Scope {
  return new Set([...scope, name.toLowerCase()]);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
