import { expect, test } from "vitest";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import { openedNotebook } from "../../../cells/jobs/opened-notebook.ts";
import type { FrozenVersion } from "../../../cells/jobs/version.ts";

const TEXT = `---
driftbook: 1
---

\`\`\`yaml input name=bound
type: number
default: 5 # the usual one
\`\`\`

\`\`\`yaml input name=day
type: date
default: 2026-03-01
\`\`\`

\`\`\`sql name=counted
SELECT \${bound} AS bound
\`\`\`
`;
const FROZEN: FrozenVersion = {
  ...{ notebook: "a.nb.md", cell: "counted", text: TEXT, contracts: [], lock: null },
  ...{ set: { bound: 7, day: null }, window: "yesterday" },
};

test("the window and the inputs' values stand in the text, and the job that it came from; the rest stays", () => {
  const text = openedNotebook("daily", FROZEN);
  expect(text).toContain("default: 7 # the usual one");
  expect(text).toContain("SELECT ${bound} AS bound");
  const { document, problems } = parseDocument(text);
  expect(problems).toEqual([]);
  expect(document.frontMatter).toMatchObject({ window: "yesterday", job: "daily" });
  expect(document.cells[1]!.source).toBe("type: date");
});

test("without a window of its own there is none to write", () => {
  expect(parseDocument(openedNotebook("daily", { ...FROZEN, window: null })).document.frontMatter.window).toBeNull();
});

test("a job: that is no name of one is another program's, and no problem", () => {
  const { document, problems } = parseDocument("---\ndriftbook: 1\njob: {of: [another, program]}\n---\nText.\n");
  expect([document.frontMatter.job, problems]).toEqual([null, []]);
});
