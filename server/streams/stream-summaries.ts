import type { StreamSummary } from "../../cells/wire/http-workspace.ts";
import type { Services } from "../services.ts";
import { hourly } from "./rates.ts";

/** Every stream that has a contract file, as Home shows it. */
export function summariseStreams(services: Services, nowMillis: number = Date.now()): StreamSummary[] {
  return services.workspace.contracts
    .list()
    .map(({ stream, problem }) => summariseStream(services, stream, problem, nowMillis));
}

export function summariseStream(
  services: Services,
  stream: string,
  problem: string | null,
  nowMillis: number = Date.now(),
): StreamSummary {
  const figures = services.workspace.figures(stream);
  return {
    name: stream,
    decisions: figures?.decisions ?? 0,
    feedback: figures?.feedback ?? 0,
    quarantined: figures?.quarantined ?? 0,
    lastDecidedAt: figures?.lastDecidedAt ?? null,
    lastRecordedAt: figures?.lastRecordedAt ?? null,
    rate: hourly(figures?.hours ?? [], nowMillis),
    problem,
  };
}
