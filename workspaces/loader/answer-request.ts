import { countMore } from "../catalog/catalog-writer.ts";
import { dryRun, importFiles, withdrawImport } from "../imports/import-files.ts";
import { inferSample } from "../imports/infer-sample.ts";
import { markReplayed, quarantined } from "../quarantine/quarantine-rows.ts";
import type { LoaderRequest } from "./loader-messages.ts";
import type { LoaderService } from "./loader-service.ts";

/** Performs a request in the loader's writing lane, one at a time with loading: both use the one connection. */
export function answerRequest(service: LoaderService, request: LoaderRequest): Promise<unknown> {
  // Reading all files may take long and stands in nobody's way.
  if (request.what === "verify") return service.verify();
  return service.writing.run(() => perform(service, request));
}

async function perform(service: LoaderService, request: Exclude<LoaderRequest, { what: "verify" }>): Promise<unknown> {
  switch (request.what) {
    case "import":
      return importFiles(service, request.request);
    case "dry-run":
      return dryRun(service, request.request);
    case "withdraw":
      return withdrawImport(service, request.importId);
    case "infer":
      return inferSample(service, request.file, request.stream);
    case "quarantine-list": {
      const { total, details } = await quarantined(service, request.stream, request);
      return { total, entries: details.map(({ raw: _raw, rawBase64: _base64, ...entry }) => entry) };
    }
    case "quarantine-show":
      return (await quarantined(service, request.stream, request)).details;
    case "count-duplicates":
      return countMore(service.context.database, request.stream, request.log, "duplicates", request.count);
    case "mark-replayed":
      return markReplayed(service, request.stream, request.ids);
  }
}
