import type { Found } from "../../cells/kinds/check/judge-probe.ts";
import type { Probe } from "../../cells/kinds/check/probe.ts";
import { fromClause, type Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import { type Asking, ask } from "./ask.ts";
import { answerOrProblem } from "./or-problem.ts";

const dialect = duckdbDialect;

/** Measures every probe over one selection, those that are aggregates in one scan; `found` stands in their order. */
export async function measureProbes(
  asking: Asking,
  probes: readonly Probe[],
  selection: Selection,
): Promise<{ n: number; found: Found[] }> {
  const aggregates = probes.flatMap(({ measure }, at) =>
    measure.type === "aggregate" ? [{ at, sql: measure.sql }] : [],
  );
  const columns = aggregates.map(({ at, sql }) => `CAST(${sql} AS DOUBLE PRECISION) AS v_${at}`);
  const sql = `SELECT ${["CAST(count(*) AS DOUBLE PRECISION) AS n", ...columns].join(", ")} ${fromClause(selection, dialect)}`;
  const together = await answerOrProblem(() => ask(asking, "aggregates of the checks", sql));
  // One expectation that cannot be measured must not keep the others from being measured.
  const alone = typeof together === "string";
  const [row] = alone
    ? await ask(asking, "rows", `SELECT CAST(count(*) AS DOUBLE PRECISION) AS n ${fromClause(selection, dialect)}`)
    : together;
  const found: Found[] = [];
  for (const [at, { measure, name, subject }] of probes.entries()) {
    if (measure.type === "problem") found.push({ value: null, text: null, problem: measure.problem });
    else if (measure.type === "known") found.push({ value: measure.value, text: measure.found, problem: null });
    else if (measure.type === "judged")
      found.push({ value: measure.value, text: measure.found, problem: null, judged: measure.judged });
    else if (measure.type === "aggregate" && !alone)
      found.push({ value: numeric(row![`v_${at}`]), text: null, problem: null });
    else {
      const statement =
        measure.type === "statement"
          ? measure.sql
          : `SELECT CAST(${measure.sql} AS DOUBLE PRECISION) AS value ${fromClause(selection, dialect)}`;
      const rows = await answerOrProblem(() => ask(asking, [name, subject].filter(Boolean).join(" "), statement));
      found.push(
        typeof rows === "string"
          ? { value: null, text: null, problem: rows }
          : { value: numeric(rows[0]?.value), text: null, problem: null },
      );
    }
  }
  return { n: Number(row!.n), found };
}

const numeric = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
