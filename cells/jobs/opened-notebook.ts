import { changeSource, setDefaultWindow, setJob } from "../document/edit-document.ts";
import { parseDocument } from "../document/parse-document.ts";
import { serializeDocument } from "../document/serialize-document.ts";
import type { InputValue } from "../kinds/input/input-spec.ts";
import { withDefault } from "../kinds/input/with-default.ts";
import type { FrozenVersion } from "./version.ts";

/**
 * A version as a notebook to go on from: its window and its inputs' values stand in the text, so that promoting it as it
 * is asks the same question, and it names the job that it came from.
 */
export function openedNotebook(job: string, { text, set, window }: FrozenVersion): string {
  let document = setJob(setDefaultWindow(parseDocument(text).document, window), job);
  for (const cell of document.cells) {
    if (cell.kind !== "input" || cell.name === null || !Object.hasOwn(set, cell.name)) continue;
    document = changeSource(document, cell.id, withDefault(cell.source, set[cell.name] as InputValue).trimEnd());
  }
  return serializeDocument(document);
}
