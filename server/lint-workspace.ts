import { unknownRelations } from "../cells/analysis/unknown-relations.ts";
import type { Document } from "../cells/document/document.ts";
import { parseDocument } from "../cells/document/parse-document.ts";
import { sessionGraph } from "../cells/session/derived.ts";
import { parseWindow } from "../cells/time/window.ts";
import type { LintFinding, LintView } from "../cells/wire/http-lint.ts";
import { lintJobs } from "./lint-jobs.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./workspace-settings.ts";

/** Reads every notebook, contract, job and the settings; starts an engine to parse SQL, and runs no cell. */
export async function lintWorkspace(services: Services): Promise<LintView> {
  const findings: LintFinding[] = [];
  const tell = (file: string, message: string, rest: Partial<LintFinding> = {}): void => {
    findings.push({ file, message, line: null, cell: null, hint: null, ...rest });
  };
  const settings = await readSettings(services.folder);
  if (!settings.ok) tell("driftbook.yaml", settings.problem);
  const contracts = services.workspace.contracts.list();
  const streams = contracts.map(({ stream }) => stream);
  for (const { path, problem } of contracts) if (problem !== null) tell(path, problem);
  const notebooks = await services.notebookFiles.list();
  const documents = new Map<string, Document>();
  for (const { path } of notebooks) {
    const { text } = await services.notebookFiles.read(path);
    const { document, problems } = parseDocument(text);
    documents.set(path, document);
    for (const { line, message } of problems) tell(path, message, { line });
    const window = document.frontMatter.window;
    const read = window === null ? null : parseWindow(window);
    if (read !== null && !read.ok) tell(path, `window: ${read.problem}`);
    const state = await services.notebookSessions.analyse(path, text);
    const { problems: ofCells } = sessionGraph(state);
    for (const [cell, { problem }] of ofCells)
      tell(path, problem.message, { cell, line: problem.line ?? null, hint: problem.hint ?? null });
    for (const [cell, { relations }] of Object.entries(state.analyses)) {
      if (ofCells.has(cell)) continue;
      const names = state.document.cells.flatMap(({ id, name }) => (name === null || id === cell ? [] : name));
      for (const message of unknownRelations(relations, streams, names)) tell(path, message, { cell });
    }
  }
  const jobs = await lintJobs(services.folder, {
    notebooks: documents,
    destinations: settings.ok ? settings.settings.destinations.map(({ name }) => name) : null,
    unknownVersion: (job, spec) => services.jobs.promotions.unknownVersion(job, spec),
  });
  for (const { file, message, line } of jobs.findings) tell(file, message, { line });
  return { files: 1 + contracts.length + notebooks.length + jobs.files, findings };
}
