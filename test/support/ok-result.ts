import type { RunResult } from "../../workspaces/jobs/run-result.ts";

/** Of a run that measured nothing and found nothing wrong. */
export const OK_RESULT: RunResult = {
  verdict: "ok",
  reason: null,
  window: null,
  asOf: null,
  readings: [],
  body: new Uint8Array(),
  measured: [],
  inputs: [],
  program: { driftbook: "0", engine: "0" },
  same: null,
};
