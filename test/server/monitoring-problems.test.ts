import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { driftbook, startServer } from "../support/server.ts";

const NOTEBOOK = `---
driftbook: 1
window: 2026-02
---
\`\`\`sql name=loans
SELECT i AS amount, ['DE', 'FR', 'US'][1 + i % 3] AS country, TIMESTAMP '2026-01-01' + INTERVAL (i) HOURS AS at FROM range(1400) t(i)
\`\`\`

\`\`\`yaml drift name=moved
from: loans
reference: 28 days before
columns: [amount, amuont, country]
metrics: {numeric: [ks], categorical: [psi, ks]}
\`\`\`

\`\`\`yaml check name=load
from: loans
fail:
  missing: {amount: 0, amuont: 0}
\`\`\`
`;
const MISSING = 'columns: loans has no column "amuont". Did you mean amount?';
const MISFIT = "ks is for numeric columns, and country is compared as categories.";
const CHECK = 'missing: loans has no column "amuont". Did you mean amount?';

test("what a cell could not measure is said on the terminal and on the page, beside what it could", async () => {
  const server = await startServer({ files: { "health.nb.md": NOTEBOOK } });
  try {
    const page = path.join(server.folder, "page.html");
    const { code, stdout } = await driftbook(["run", "health.nb.md", "--html", page], { cwd: server.folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +drift +moved .*country: ks is for numeric columns.* \(and 1 more\)$/m);
    expect(stdout).toContain(`amuont: ${CHECK}`);
    const html = await readFile(page, "utf8");
    for (const sentence of [MISSING, MISFIT, CHECK]) expect(html).toContain(sentence.replaceAll('"', "&quot;"));
    const json = await driftbook(["run", "health.nb.md", "--json", "-"], { cwd: server.folder });
    const { cells } = JSON.parse(json.stdout) as {
      cells: { name: string; status: string; readings: { subject: string; metric: string; verdict: string }[] }[];
    };
    const moved = cells.find(({ name }) => name === "moved")!;
    expect(moved.status).toBe("ok");
    expect(moved.readings.map(({ subject, metric, verdict }) => `${subject} ${metric} ${verdict}`)).toEqual([
      "amount ks fail",
      "amount missing_share ok",
      "country psi ok",
      "country ks error",
      "country missing_share ok",
      "country new_category_share ok",
      "amuont ks error",
    ]);
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});
