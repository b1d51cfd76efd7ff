import { z } from "zod";
import { parseDocument } from "../../cells/document/parse-document.ts";
import type { Version } from "../../cells/jobs/version.ts";
import type { VersionView } from "../../cells/wire/http-jobs.ts";

const lockFile = z.object({ specifiers: z.record(z.string(), z.string()).default({}) });

/** A version as people read it: its cells one by one, and its packages as they were locked. */
export function versionView(version: Version): VersionView {
  const { document } = parseDocument(version.frozen.text);
  return {
    ...version,
    cells: document.cells.map(({ id, name, kind, source }) => ({ id, name, kind, source })),
    packages: packagesOf(version.frozen.lock),
  };
}

/** Of the text that `freezePackages` gave. */
function packagesOf(lock: string | null): VersionView["packages"] {
  if (lock === null) return [];
  const { "deno.lock": text } = JSON.parse(lock) as Record<string, string>;
  const { specifiers } = lockFile.parse(text === undefined ? {} : JSON.parse(text));
  return Object.entries(specifiers).map(([name, locked]) => ({ name, locked }));
}
