import type { StreamView } from "../../cells/wire/http-streams.ts";
import { Held } from "../held.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";
import { measureStream, nothingMeasured, type StreamMeasures } from "./stream-measures.ts";
import { summariseStream } from "./stream-summaries.ts";

const PATIENCE_MILLIS = 300;
const held = new WeakMap<Services, Held<StreamMeasures>>();

/** Everything the page of one stream shows. @throws HttpError 404 */
export async function viewStream(services: Services, stream: string): Promise<StreamView> {
  const known = services.workspace.contracts.list().find((one) => one.stream === stream);
  const text = known === undefined ? null : await services.contractFiles.read(stream);
  if (known === undefined || text === null) throw new HttpError(404, `There is no stream "${stream}".`);
  const figures = services.workspace.figures(stream);
  const { byReason, ...measures } = await measuresOf(
    services,
    stream,
    known.contract?.feedback.maturityMillis ?? null,
    known.problem,
  );
  return {
    ...summariseStream(services, stream, known.problem),
    contract: { ...text, parsed: (known.contract ?? null) as never, problem: known.problem },
    quarantine: {
      total: figures?.quarantined ?? 0,
      conflicts: figures?.conflicts ?? 0,
      byReason,
    },
    duplicates: figures?.duplicates ?? 0,
    violations: [...(figures?.violations ?? [])],
    imports: figures?.imports ?? 0,
    ...measures,
  };
}

async function measuresOf(
  services: Services,
  stream: string,
  maturityMillis: number | null,
  problem: string | null,
): Promise<StreamMeasures> {
  const horizonDays = maturityMillis === null ? null : maturityMillis / 86_400_000;
  if (problem !== null) return nothingMeasured(horizonDays);
  const mine = held.get(services) ?? new Held<StreamMeasures>();
  held.set(services, mine);
  const watermark = services.workspace.watermark() ?? "";
  const make = () => measureStream(services.queries, stream, maturityMillis);
  return mine.get(stream, `${watermark} ${maturityMillis}`, make, PATIENCE_MILLIS);
}
