import { z } from "zod";
import { KINDS } from "../kinds/kinds.ts";
import { newCellId } from "./cell-id.ts";
import { isCellName } from "./cell-name.ts";
import type { Document, Kind } from "./document.ts";
import { insertCell, isAttributeKey, setTitle } from "./edit-document.ts";
import { parseDocument } from "./parse-document.ts";

const MOST_CELLS = 5000;

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);
const own = z.object({
  kind: z.enum(Object.keys(KINDS) as [Kind, ...Kind[]]),
  name: z.string().nullable(),
  attributes: z.array(z.tuple([z.string(), z.string().nullable()])),
});
/** Outputs are no part of it: they are made again. */
const jupyter = z.object({
  nbformat: z.literal(4, "expected nbformat 4; older notebooks are converted with: jupyter nbconvert --to notebook"),
  metadata: z
    .object({
      title: z.string().optional().catch(undefined),
      language_info: z.object({ name: z.string() }).optional().catch(undefined),
      kernelspec: z.object({ language: z.string().optional() }).optional().catch(undefined),
    })
    .catch({}),
  cells: z
    .array(
      z.object({
        cell_type: z.enum(["markdown", "code", "raw"]),
        source: text,
        metadata: z.object({ driftbook: own.optional().catch(undefined) }).catch({}),
      }),
    )
    .max(MOST_CELLS, `expected at most ${MOST_CELLS} cells`),
});

export type FromJupyter =
  | { readonly ok: true; readonly document: Document /** Code cells that became prose. */; readonly asProse: number }
  | { readonly ok: false; readonly problem: string };

/**
 * A Jupyter notebook (nbformat 4, parsed JSON) as one of ours, without its outputs. TypeScript, JavaScript and cells
 * that begin with `%%sql` become cells; other languages are kept as prose that shows the code. `random` gives numbers in
 * [0, 1).
 */
export function fromJupyter(value: unknown, random: () => number): FromJupyter {
  const read = jupyter.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { ok: false, problem: `${issue!.path.join(".") || "the file"}: ${issue!.message}` };
  }
  const { cells, metadata } = read.data;
  const language = (metadata.language_info?.name ?? metadata.kernelspec?.language ?? "python").toLowerCase();
  let { document } = parseDocument("---\ndriftbook: 1\n---\n");
  if (metadata.title !== undefined) document = setTitle(document, metadata.title);
  let asProse = 0;
  const names = new Set<string>();
  for (const { cell_type: type, source, metadata: about } of cells) {
    const known = type === "markdown" ? undefined : about.driftbook;
    const found = type === "code" && known === undefined ? kindOf(source, language) : null;
    const kind = known?.kind ?? found?.kind ?? "prose";
    if (type === "code" && kind === "prose") asProse++;
    const name = known?.name ?? null;
    const isFree = name !== null && isCellName(name) && !names.has(name);
    if (isFree) names.add(name);
    document = insertCell(
      document,
      {
        id: newCellId(random),
        kind,
        name: isFree ? name : null,
        source: clean(kind === "prose" ? proseOf(type, source, language) : (found?.source ?? source)),
        attributes: (known?.attributes ?? []).filter(
          ([key, given]) => isAttributeKey(key) && !/[\n"`]/.test(given ?? ""),
        ),
      },
      document.cells.length,
    );
  }
  return { ok: true, document, asProse };
}

function kindOf(source: string, language: string): { kind: Kind; source: string } | null {
  const magic = /^\s*%%sql[^\n]*\n?/.exec(source)?.[0];
  if (magic !== undefined) return { kind: "sql", source: source.slice(magic.length) };
  if (language === "sql") return { kind: "sql", source };
  return language === "typescript" || language === "javascript" ? { kind: "ts", source } : null;
}

/** Code of other languages in a fence; fences in prose that we would take for cells say that they are none. */
function proseOf(type: "markdown" | "code" | "raw", source: string, language: string): string {
  if (type === "markdown")
    return source.replaceAll(/^(\s*`{3,}\s*(?:ts|sql|yaml)\b(?![^\n]*run=false)[^\n`]*)$/gm, "$1 run=false");
  const longest = Math.max(2, ...[...source.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  const word = type === "code" && /^[a-z][\w+-]*$/.test(language) ? language : "text";
  return `${ticks}${word}\n${source}\n${ticks}`;
}

const clean = (source: string): string => source.replaceAll("\r\n", "\n").replaceAll("\0", "").replace(/\n+$/, "");
