import { type FeedbackCounts, feedbackCounts } from "../../cells/kinds/kpi/feedback-plan.ts";
import type { Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import type { KpiRoles } from "./outcome-roles.ts";

/** Of a stream's outcomes; null for other relations. */
export async function countFeedback(
  asking: Asking,
  rows: Selection,
  { time, identity }: KpiRoles,
): Promise<FeedbackCounts | null> {
  const { roles } = rows.relation;
  if (roles === null || time === null || identity !== duckdbDialect.name("decision_id")) return null;
  const sql = feedbackCounts(rows, roles.stream, time, duckdbDialect);
  const [row = {}] = await ask(asking, "feedback that needs a look", sql);
  const count = (name: keyof FeedbackCounts): number => Number(row[name] ?? 0);
  return {
    early: count("early"),
    superseded: count("superseded"),
    orphans: count("orphans"),
    conflicts: count("conflicts"),
  };
}
