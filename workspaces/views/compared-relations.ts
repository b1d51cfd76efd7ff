import type { DatabaseSync } from "node:sqlite";
import { holdFor } from "../catalog/lake-leases.ts";
import type { Contract } from "../contracts/contract.ts";
import { quoteName, quoteText } from "../lake/sql-text.ts";
import type { Relations } from "../workspace-port.ts";
import { relationsOf } from "./as-of-relations.ts";

/** Causes by which a stream's outcomes differ between two moments; arrivals are told apart by the label's source. */
export type RowCause =
  | { readonly what: "decisions-added" | "decisions-withdrawn" | "labels-changed" }
  | { readonly what: "labels-arrived"; readonly source: string };

const BEFORE = "@before";
const AFTER = "@after";

/**
 * Every stream at two moments side by side under the same contracts, in schemas `stream@before` and `stream@after`,
 * which no stream can be called.
 */
export function comparedRelations(
  database: DatabaseSync,
  folder: string,
  contracts: readonly Contract[],
  beforeMicros: number,
  afterMicros: number,
): Pick<Relations, "statements" | "folders" | "release"> {
  return holdFor(database, (held) => {
    const sides = [
      relationsOf(held, folder, contracts, beforeMicros, BEFORE),
      relationsOf(held, folder, contracts, afterMicros, AFTER),
    ];
    return {
      statements: sides.flatMap(({ statements }) => statements),
      folders: sides.flatMap(({ folders }) => folders),
      release: held.release,
    };
  });
}

const COMPARED = "decision_id, decided_at, label, label_value, label_source, inclusion_probability";
const labelText = (side: string): string =>
  `coalesce(CAST(${side}.label AS VARCHAR), CAST(${side}.label_value AS VARCHAR))`;

/**
 * A SELECT of the decisions of the stream whose row in `outcomes` differs between the two moments: what happened
 * (`what`, and for labels that arrived their `source`) and the labels of both. `window` is of event time, null for all.
 */
export function changesSql(stream: string, window: { readonly start: string; readonly end: string } | null): string {
  const within =
    window === null
      ? ""
      : ` WHERE decided_at >= ${quoteText(window.start)}::TIMESTAMPTZ AND decided_at < ${quoteText(window.end)}::TIMESTAMPTZ`;
  const side = (suffix: string): string => `(SELECT ${COMPARED} FROM ${quoteName(stream + suffix)}.outcomes${within})`;
  const isStated = (name: string): string => `(${name}.label_source IS NOT NULL AND ${name}.label_source <> 'silence')`;
  return `SELECT coalesce(b.decision_id, a.decision_id) AS decision_id, coalesce(b.decided_at, a.decided_at) AS decided_at,
  CASE WHEN a.decision_id IS NULL THEN 'decisions-added' WHEN b.decision_id IS NULL THEN 'decisions-withdrawn'
    WHEN ${isStated("b")} AND NOT ${isStated("a")} THEN 'labels-arrived'
    WHEN b.label_source = 'silence' AND a.label_source IS NULL THEN 'labels-arrived' ELSE 'labels-changed' END AS what,
  b.label_source AS source,
  ${labelText("a")} AS label_before, a.label_source AS source_before, ${labelText("b")} AS label_after
FROM ${side(BEFORE)} AS a FULL JOIN ${side(AFTER)} AS b ON a.decision_id = b.decision_id
WHERE a.decision_id IS NULL OR b.decision_id IS NULL OR a.label IS DISTINCT FROM b.label
  OR a.label_value IS DISTINCT FROM b.label_value OR a.label_source IS DISTINCT FROM b.label_source
  OR a.inclusion_probability IS DISTINCT FROM b.inclusion_probability`;
}

/** The relation that holds the changes of a stream, once `changesFrom` made it. */
export const changesOf = (stream: string): string => `${quoteName(stream + AFTER)}.changes`;

export function changesFrom(stream: string, parquetFile: string): string {
  return `CREATE OR REPLACE VIEW ${changesOf(stream)} AS SELECT * FROM read_parquet(${quoteText(parquetFile)})`;
}

/** A condition on the columns of the changes. */
export function isCause(causes: readonly RowCause[]): string {
  const conditions = causes.map((one) =>
    one.what === "labels-arrived"
      ? `(what = 'labels-arrived' AND source = ${quoteText(one.source)})`
      : `what = ${quoteText(one.what)}`,
  );
  return conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`;
}

/**
 * The stream under its own name as it was before, but for the changes of these causes: so is told what each of them
 * does to a number. `feedback` stays what it was.
 */
export function mixedStatements(stream: string, causes: readonly RowCause[]): string[] {
  const [own, before, after] = [stream, stream + BEFORE, stream + AFTER].map(quoteName);
  const changed = (condition: string): string =>
    `(SELECT decision_id FROM ${changesOf(stream)} WHERE ${isCause(causes)} AND ${condition})`;
  const mixed = (from: string, gone: string, come: string): string =>
    `SELECT * FROM ${before}.${from} ANTI JOIN ${changed(gone)} USING (decision_id)
UNION ALL BY NAME SELECT * FROM ${after}.${from} SEMI JOIN ${changed(come)} USING (decision_id)`;
  const relation = (name: string, gone: string, come: string): string =>
    `CREATE OR REPLACE VIEW ${own}.${name} AS ${mixed(name, gone, come)}`;
  return [
    `CREATE SCHEMA IF NOT EXISTS ${own}`,
    relation("decisions", "what = 'decisions-withdrawn'", "what = 'decisions-added'"),
    `CREATE OR REPLACE VIEW ${own}.feedback AS SELECT * FROM ${before}.feedback`,
    relation("outcomes", "true", "what <> 'decisions-withdrawn'"),
    `CREATE OR REPLACE MACRO ${own}.outcomes_known(moments) AS TABLE ${mixed("outcomes_known(moments)", "true", "what <> 'decisions-withdrawn'")}`,
    `CREATE OR REPLACE VIEW ${own}.quarantine AS SELECT * FROM ${before}.quarantine`,
  ];
}
