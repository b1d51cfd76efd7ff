import type { StreamView } from "../../cells/wire/http-streams.ts";
import type { QueryRunner } from "../query/query-runner.ts";
import { rowObjects } from "../rows/row-text.ts";

const DAY_MILLIS = 86_400_000;
const CURVE_POINTS = 30;
const DEFAULT_HORIZON_DAYS = 90;
const TIMEOUT_MILLIS = 20_000;

export type StreamMeasures = Pick<StreamView, "orphans" | "maturity">;

/**
 * What needs a query over the lake: feedback without decision, and how the labels of a decision arrive with its age.
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
    if (asOf === null) return { orphans: 0, maturity: { horizonDays, points: [] } };
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
    return {
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
