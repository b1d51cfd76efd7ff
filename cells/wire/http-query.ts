import { z } from "zod";

/** `POST /api/query`. Answered as JSON rows, CSV or an Arrow stream by `Accept`. */
export const queryRequest = z.object({
  sql: z.string().min(1).max(1_000_000),
  params: z.record(z.string(), z.json()).default({}),
  /** ISO 8601; default: the watermark. */
  asOf: z.string().optional(),
  /** Rows at most; a longer result is cut and the header `driftbook-truncated: true` says so. */
  limit: z.int().min(1).max(10_000_000).optional(),
});
export type QueryRequest = z.infer<typeof queryRequest>;
/** BIGINT beyond 2^53 and DECIMAL are strings; times ISO 8601 UTC; NaN and infinities strings. */
export const queryRows = z.array(z.record(z.string(), z.json()));

export const exportFormat = z.enum(["csv", "parquet", "arrow", "json"]);
export type ExportFormat = z.infer<typeof exportFormat>;
