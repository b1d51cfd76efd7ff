import type { Contract } from "../contracts/contract.ts";
import { EventChecker } from "../ingest/check-event.ts";
import { parseEvent } from "../ingest/exact-json.ts";
import type { Intake } from "../ingest/intake.ts";
import type { QuarantineDetail } from "../workspace-port.ts";

export interface Replayed {
  readonly accepted: readonly string[];
  readonly stillRefused: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Checks quarantined events again under the present contract and sends those that pass in as new events. Those that do
 * not pass stay where they are, with the reason of today; they are not quarantined a second time.
 */
export async function replayEvents(
  entries: readonly QuarantineDetail[],
  contract: Contract,
  intake: Pick<Intake, "accept">,
): Promise<Replayed> {
  const accepted: string[] = [];
  const stillRefused: { id: string; reason: string }[] = [];
  for (const log of ["decisions", "feedback"] as const) {
    const checker = new EventChecker(contract, log);
    const passing: QuarantineDetail[] = [];
    for (const entry of entries.filter((one) => one.log === log && !one.replayed)) {
      const reason = reasonAgainst(entry, checker);
      if (reason === null) passing.push(entry);
      else stillRefused.push({ id: entry.id, reason });
    }
    if (passing.length === 0) continue;
    await intake.accept({
      stream: contract.stream,
      log,
      contentType: "application/x-ndjson",
      contentEncoding: null,
      idempotencyKey: null,
      body: Buffer.from(passing.map((entry) => entry.raw.replaceAll("\n", " ")).join("\n")),
    });
    accepted.push(...passing.map((entry) => entry.id));
  }
  return { accepted, stillRefused };
}

function reasonAgainst(entry: QuarantineDetail, checker: EventChecker): string | null {
  if (entry.rawBase64 !== null) return "the bytes are no UTF-8 text; send the event again";
  if (entry.kind === "conflict") return "another event has this id already; send it under an id of its own";
  try {
    const checked = checker.check(parseEvent(entry.raw), { textual: false });
    return typeof checked === "string" ? checked : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
