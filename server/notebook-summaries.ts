import { parseDocument } from "../cells/document/parse-document.ts";
import type { NotebookSummary } from "../cells/wire/http-workspace.ts";
import { lastRun, newestRun } from "../kernels/session/stored-results.ts";
import type { NotebookFile } from "./notebook-files.ts";
import type { Services } from "./services.ts";
import { storedResults } from "./stored-results.ts";

/** Notebooks as Home lists them. Titles are held by modification time, so that a list of many reads little. */
export async function summariseNotebooks(services: Services): Promise<NotebookSummary[]> {
  const files = await services.notebookFiles.list();
  return Promise.all(files.map((file) => summarise(services, file)));
}

interface Content {
  readonly key: string;
  readonly title: string | null;
  readonly cells: number;
  readonly problem: string | null;
}
const held = new WeakMap<Services, Map<string, Content>>();

async function summarise(services: Services, file: NotebookFile): Promise<NotebookSummary> {
  const open = await services.notebooks.find(file.path);
  const common = {
    path: file.path,
    modifiedAt: new Date(file.modifiedMillis).toISOString(),
    bytes: file.bytes,
    viewers: open?.hub.clients ?? 0,
    lastRun:
      open === null ? await lastRun(storedResults(services.folder, file.path)) : newestRun(open.session.state.runs),
  };
  const known = held.get(services) ?? new Map<string, Content>();
  held.set(services, known);
  const key = `${file.modifiedMillis} ${file.bytes}`;
  let content = known.get(file.path);
  if (content?.key !== key) {
    const { document, problems } = parseDocument((await services.notebookFiles.read(file.path)).text);
    const first = problems[0];
    content = {
      key,
      title: document.frontMatter.title,
      cells: document.cells.length,
      problem: first === undefined ? null : `line ${first.line}: ${first.message}`,
    };
    known.set(file.path, content);
  }
  return { ...common, title: content.title, cells: content.cells, problem: content.problem };
}
