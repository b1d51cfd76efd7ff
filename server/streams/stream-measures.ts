import type { StreamView } from "../../cells/wire/http-streams.ts";
import type { QueryRunner } from "../query/query-runner.ts";
import { rowObjects } from "../rows/row-text.ts";

const DAY_MILLIS = 86_400_000;
const CURVE_POINTS = 30;
const DEFAULT_HORIZON_DAYS = 90;
const TIMEOUT_MILLIS = 20_000;

const SHOWN_DAYS = 90;
const SHOWN_REASONS = 20;

export type StreamMeasures = Pick<StreamView, "orphans" | "maturity" | "days"> & {
  readonly byReason: StreamView["quarantine"]["byReason"];
};

/** What a stream without rows measures. */
export const nothingMeasured = (horizonDays: number | null): StreamMeasures => ({
  orphans: 0,
  maturity: { horizonDays, points: [] },
  days: [],
  byReason: [],
});

/**
 * What needs a query over the lake: decisions and feedback per day of their own time, reasons of refusals, feedback
 * without decision, and how the labels of a decision arrive with its age.
 * The curve is over decisions of the last two horizons; point `d` counts only those that are at least `d` days old.
 */
export async function measureStream(
  queries: QueryRunner,
  stream: string,
  maturityMillis: number | null,
): Promise<StreamMeasures> {
  const horizonDays = maturityMillis === null ? null : maturityMillis / DAY_MILLIS;
  const last = Math.max(1, Math.ceil(horizonDays ?? DEFAULT_HORIZON_DAYS));
  const step = Math.max(1, Math.ceil(last / CURVE_POINTS));
  return queries.with(null, async ({ engine, asOf }) => {
    if (asOf === null) return nothingMeasured(horizonDays);
    const ask = async (sql: string) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of engine.query({ sql, timeoutMillis: TIMEOUT_MILLIS })) pieces.push(piece);
      return rowObjects(Buffer.concat(pieces));
    };
    const [orphans] = await ask(
      `SELECT count(*) AS n FROM (SELECT decision_id FROM ${stream}.feedback) f ANTI JOIN ${stream}.decisions d USING (decision_id)`,
    );
    const points = await ask(`
      WITH ages AS (
        SELECT date_diff('day', decided_at, TIMESTAMPTZ '${asOf}') AS age,
          CASE WHEN label_source IS NOT NULL AND label_source <> 'silence'
            THEN greatest(0, date_diff('day', decided_at, observed_at)) END AS delay,
          count(*) AS n
        FROM ${stream}.outcomes
        WHERE decided_at >= TIMESTAMPTZ '${asOf}' - INTERVAL ${2 * last} DAY
        GROUP BY ALL)
      SELECT d::INTEGER AS day, sum(n)::BIGINT AS n, coalesce(sum(n) FILTER (delay <= d), 0)::BIGINT AS labelled
      FROM range(0, ${last + 1}, ${step}) AS days(d) JOIN ages ON age >= d
      GROUP BY d ORDER BY d`);
    const counted = await ask(`
      SELECT day, sum(decisions)::BIGINT AS decisions, sum(feedback)::BIGINT AS feedback FROM (
        SELECT decided_at::DATE AS day, 1 AS decisions, 0 AS feedback FROM ${stream}.decisions
        WHERE decided_at > TIMESTAMPTZ '${asOf}' - INTERVAL ${SHOWN_DAYS} DAY AND decided_at <= TIMESTAMPTZ '${asOf}'
        UNION ALL
        SELECT observed_at::DATE, 0, 1 FROM ${stream}.feedback
        WHERE observed_at > TIMESTAMPTZ '${asOf}' - INTERVAL ${SHOWN_DAYS} DAY AND observed_at <= TIMESTAMPTZ '${asOf}')
      GROUP BY day ORDER BY day`);
    const reasons = await ask(`
      SELECT regexp_replace(reason, ', got .*$', '') AS reason, count(*) AS n FROM ${stream}.quarantine
      WHERE kind <> 'conflict' GROUP BY 1 ORDER BY n DESC, reason LIMIT ${SHOWN_REASONS}`);
    return {
      days: everyDay(counted, asOf),
      byReason: reasons.map((row) => ({ reason: String(row.reason), count: Number(row.n) })),
      orphans: Number(orphans?.n ?? 0),
      maturity: {
        horizonDays,
        points: points.map((point) => ({
          ageDays: Number(point.day),
          share: Number(point.labelled) / Number(point.n),
          n: Number(point.n),
        })),
      },
    };
  });
}

/** The last days up to `asOf`, those without rows as zeros, oldest first. */
function everyDay(counted: readonly Record<string, unknown>[], asOf: string): StreamView["days"] {
  const known = new Map(counted.map((row) => [String(row.day).slice(0, 10), row]));
  const last = Math.floor(Date.parse(asOf) / DAY_MILLIS);
  return Array.from({ length: SHOWN_DAYS }, (_, at) => {
    const start = new Date((last - SHOWN_DAYS + 1 + at) * DAY_MILLIS).toISOString();
    const row = known.get(start.slice(0, 10));
    return { start, decisions: Number(row?.decisions ?? 0), feedback: Number(row?.feedback ?? 0) };
  });
}
