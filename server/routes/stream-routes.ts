import { z } from "zod";
import { contractPut, contractView, ingestAnswer, logName, streamView } from "../../cells/wire/http-streams.ts";
import { streamSummary } from "../../cells/wire/http-workspace.ts";
import { HttpError } from "../http-error.ts";
import { summariseStreams } from "../streams/stream-summaries.ts";
import { viewStream } from "../streams/stream-view.ts";
import { defineRoute } from "./define-route.ts";
import { Answer, type Route } from "./route.ts";

const LARGEST_INGEST_BYTES = 32_000_000;
const byStream = z.object({ stream: z.string() });

/** Streams: sending events, looking at them, changing their contract. */
export const streamRoutes: readonly Route[] = [
  ...logName.options.map((log) =>
    defineRoute("POST", `/api/streams/:stream/${log}`, {
      need: "ingest",
      summary: `Send ${log}: JSON, NDJSON, CloudEvents or CSV, gzip or not; 200 once durable`,
      params: byStream,
      bytes: { limit: LARGEST_INGEST_BYTES },
      answer: ingestAnswer,
      handle: async ({ params, body, headers, services }) => {
        const answer = await services.workspace.intake.accept({
          stream: params.stream,
          log,
          body,
          contentType: headers["content-type"] ?? "",
          contentEncoding: headers["content-encoding"] ?? null,
          idempotencyKey: headers["idempotency-key"] ?? null,
        });
        services.metrics.countIngest(params.stream, log, answer);
        return { ...answer, quarantined: [...answer.quarantined] };
      },
    }),
  ),
  defineRoute("GET", "/api/streams", {
    need: "read",
    summary: "All streams with counts and freshness",
    answer: z.object({ streams: z.array(streamSummary) }),
    handle: ({ services }) => ({ streams: summariseStreams(services) }),
  }),
  defineRoute("GET", "/api/streams/:stream", {
    need: "read",
    summary: "One stream: contract, counts, freshness, quarantine, maturity",
    params: byStream,
    answer: streamView,
    handle: ({ params, services }) => viewStream(services, params.stream),
  }),
  defineRoute("GET", "/api/streams/:stream/contract", {
    need: "read",
    summary: "The contract's text; hash is also the ETag that PUT wants in If-Match",
    params: byStream,
    answer: contractView,
    handle: async ({ params, services }) => {
      const found = await services.contractFiles.read(params.stream);
      if (found === null) throw new HttpError(404, `There is no stream "${params.stream}".`);
      return tagged(found);
    },
  }),
  defineRoute("PUT", "/api/streams/:stream/contract", {
    need: "edit",
    summary:
      "A new contract (without If-Match), or a changed one; narrowing a type over existing rows is refused with their number",
    params: byStream,
    body: contractPut,
    answer: contractView,
    handle: async ({ params, body, headers, services, audit }) => {
      const saved = await services.contractFiles.write(params.stream, body.text, headers["if-match"] ?? null);
      audit("write contract", params.stream, { hash: saved.hash });
      return tagged(saved);
    },
  }),
];

function tagged(contract: z.infer<typeof contractView>): Answer {
  const headers = { "content-type": "application/json; charset=utf-8", etag: `"${contract.hash}"` };
  return new Answer(200, headers, JSON.stringify(contract));
}
