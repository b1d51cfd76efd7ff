import { isMap, isScalar, LineCounter, parseDocument, type Scalar } from "yaml";
import { setYamlKey } from "../yaml/set-yaml-key.ts";
import type { DocumentProblem, FrontMatter } from "./document.ts";

const NEWEST_FORMAT = 1;

/** The front matter that a text begins with: `---` alone on the first line up to the next such line; `""` when none. */
export function frontMatterText(text: string): string {
  // Line by line on purpose: one expression for it all backtracks without end on a long text of CRLF lines.
  const line = /[^\r\n]*(\r\n?|\n|$)/y;
  for (let number = 1; line.lastIndex < text.length; number++) {
    const [found] = line.exec(text)!;
    const isFence = /^---[ \t]*[\r\n]*$/.test(found);
    if (number === 1 && !isFence) return "";
    if (number > 1 && isFence) return text.slice(0, line.lastIndex);
  }
  return "";
}

/** Reads front matter; what is malformed stays in `raw` and is told. Keys of other programs are nobody's problem. */
export function readFrontMatter(raw: string): { frontMatter: FrontMatter; problems: DocumentProblem[] } {
  const problems: DocumentProblem[] = [];
  const lineCounter = new LineCounter();
  const document = parseDocument(yamlOf(raw), { version: "1.2", lineCounter, prettyErrors: false });
  // The YAML begins on the file's second line.
  const lineAt = (offset: number | undefined) => lineCounter.linePos(offset ?? 0).line + 1;
  const error = document.errors[0];
  if (error !== undefined) {
    problems.push({ message: `front matter: ${error.message}`, line: lineAt(error.pos[0]) });
  }
  const contents = error === undefined && isMap(document.contents) ? document.contents : null;
  if (error === undefined && document.contents !== null && contents === null && !isEmptyScalar(document.contents)) {
    problems.push({ message: "front matter: expected keys with values, such as title: Card fraud", line: 2 });
  }

  const scalar = (key: string): Scalar | null => {
    const node = contents?.get(key, true);
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return null;
    if (isScalar(node) && typeof node.value !== "object") return node;
    problems.push({ message: `${key}: expected one value on its line`, line: lineAt(rangeStart(node)) });
    return null;
  };
  // Numbers and booleans are taken as written: `window: 2026` and `title: 007` mean their text.
  const written = (key: string): string | null => {
    const node = scalar(key);
    return node === null ? null : typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  };

  const format = scalar("driftbook");
  if (format !== null && format.value !== NEWEST_FORMAT) {
    const message = `driftbook: ${String(format.value)} is a format this version does not know; it reads driftbook: ${NEWEST_FORMAT}`;
    problems.push({ message, line: lineAt(format.range?.[0]) });
  }
  const run = scalar("run");
  if (run !== null && run.value !== "auto" && run.value !== "manual") {
    problems.push({
      message: `run: expected auto or manual, got "${String(run.value)}"`,
      line: lineAt(run.range?.[0]),
    });
  }
  const headline: unknown = contents?.toJSON()?.headline ?? [];
  const headlineFits = Array.isArray(headline) && headline.every((entry) => typeof entry === "string");
  if (!headlineFits) {
    const line = lineAt(rangeStart(contents?.get("headline", true)));
    problems.push({ message: "headline: expected a list of names, such as [fraud_kpis.recall]", line });
  }
  return {
    frontMatter: {
      raw,
      title: written("title"),
      run: run?.value === "manual" ? "manual" : "auto",
      window: written("window"),
      asOf: written("as_of"),
      headline: headlineFits ? headline : [],
      job: jobOf(contents?.get("job")),
    },
    problems,
  };
}

export type FrontMatterKey = "title" | "run" | "window" | "as_of" | "job";

/** Front matter with one key set, or removed for null; begun when there was none. */
export function setFrontMatterKey(
  frontMatter: FrontMatter,
  key: FrontMatterKey,
  value: string | null,
  newline: "\n" | "\r\n",
): FrontMatter {
  const fences = /^(---[ \t]*(?:\r\n?|\n))([\s\S]*?)(---[ \t]*(?:\r\n?|\n|$))$/.exec(frontMatter.raw);
  const [opening, yaml, closing] = fences
    ? [fences[1]!, fences[2]!, fences[3]!]
    : [`---${newline}`, `driftbook: ${NEWEST_FORMAT}${newline}`, `---${newline}`];
  let edited = setYamlKey(yaml, key, value);
  if (edited !== "" && !/[\r\n]$/.test(edited)) edited += newline;
  if (newline === "\r\n") edited = edited.replace(/\r?\n/g, newline);
  return readFrontMatter(opening + edited + closing).frontMatter;
}

/** Another program's `job:` is nobody's problem either: what is no name of a job is none. */
function jobOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function yamlOf(raw: string): string {
  return raw.replace(/^---[ \t]*(?:\r\n?|\n)/, "").replace(/---[ \t]*(?:\r\n?|\n)?$/, "");
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];
}
