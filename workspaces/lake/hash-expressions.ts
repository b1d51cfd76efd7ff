import { quoteName, quoteText } from "./sql-text.ts";
import { EVENT_ID, type ShapeColumn } from "./stream-shape.ts";

/**
 * SQL for the two hashes that identity is decided by. They are taken over typed values, so an event is the same
 * whether it was posted as JSON or read from Parquet. Columns without a value leave no trace: an event keeps its
 * content hash when the contract names another feature later.
 */
function canonicalText(column: ShapeColumn): string {
  const name = quoteName(column.name);
  switch (column.type) {
    case "TIMESTAMP WITH TIME ZONE":
      return `epoch_us(${name})::VARCHAR`;
    case "VARCHAR":
    case "JSON":
      // The length keeps a text that looks like the next field from being mistaken for it.
      return `strlen(${name}) || ':' || ${name}`;
    default:
      return `${name}::VARCHAR`;
  }
}

export const idHash = (log: "decisions" | "feedback"): string => `md5_number(${quoteName(EVENT_ID[log])})`;

const contentText = (columns: readonly ShapeColumn[]): string =>
  `concat('', ${[...columns]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((column) => `(${quoteText(`${column.name}=`)} || ${canonicalText(column)} || chr(31))`)
    .join(", ")})`;

/** Over all columns that the event brought but its id. */
export const contentHash = (log: "decisions" | "feedback", columns: readonly ShapeColumn[]): string =>
  `md5_number(${contentText(columns.filter((column) => column.name !== EVENT_ID[log]))})`;

/** The `feedback_id` of feedback that came without one: the same statement twice is one. */
export const defaultFeedbackId = (columns: readonly ShapeColumn[]): string =>
  `'f-' || md5(${contentText(columns.filter((column) => column.name !== "feedback_id"))})`;
