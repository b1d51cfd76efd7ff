import { quoteName, quoteText } from "../lake/sql-text.ts";
import type { ShapeColumn } from "../lake/stream-shape.ts";

export interface RefusedRows {
  readonly log: "decisions" | "feedback";
  readonly columns: readonly ShapeColumn[];
  /** Row numbers `row#` in the table `batch`. */
  readonly rows: readonly number[];
  readonly kind: "invalid" | "conflict";
  readonly reason: string;
  /** Where it came from: `loader`, or an import's id. */
  readonly source: string;
}

/** Rows of the table `batch` as rows of the quarantine; the raw event is the JSON that posting it again would take. */
export function quarantineSelect({ log, columns, rows, kind, reason, source }: RefusedRows): string {
  const fields = columns
    .filter((column) => column.name !== "extra")
    .map((column) => `${quoteText(column.name)}, ${asPosted(column)}`)
    .join(", ");
  // Fields without a value are left out, fields that the contract does not name stand beside the others again.
  const raw = `json_merge_patch(coalesce(extra::JSON, '{}'::JSON), json_object(${fields}))::VARCHAR`;
  return `SELECT 'q-' || ${quoteText(log.slice(0, 1))} || epoch_us(recorded_at) || '-' || "row#" AS quarantine_id,
    ${quoteText(log)} AS log, recorded_at, ${quoteText(kind)} AS kind, ${quoteText(reason)} AS reason, ${quoteText(source)} AS source,
    ${raw} AS raw, false AS raw_is_base64 FROM batch WHERE "row#" IN (SELECT unnest([${rows.join(",")}]))`;
}

/** Times as ISO 8601 with offset: what the contract check reads. */
const asPosted = ({ name, type }: ShapeColumn): string =>
  type === "TIMESTAMP WITH TIME ZONE"
    ? `strftime(${quoteName(name)} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`
    : type.startsWith("DECIMAL")
      ? `${quoteName(name)}::VARCHAR`
      : quoteName(name);
