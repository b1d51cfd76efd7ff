import { existsSync } from "node:fs";
import { readdir, readFile, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Reading } from "../../cells/results/reading.ts";
import { fillTwentyDays, queryable } from "../support/monitored-days.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
window: 2026-03-11/2026-03-21
---
\`\`\`yaml input name=cut
type: slider
default: 0.5
min: 0
max: 1
\`\`\`

\`\`\`yaml drift name=moved
from: card_fraud
reference: 10 days before
every: 1 day
min_rows: 20
columns: [score, decision, country, amount]
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
threshold: \${cut}
min_rows: 20
metrics: [recall, precision]
provisional_alerts: true
fail: {recall: 0.1}
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
fail:
  rows: {min: 100}
  range: {score: [0, 0.995]}
\`\`\`

\`\`\`sql name=worst
SELECT subject, metric, verdict FROM moved WHERE verdict <> 'ok' GROUP BY ALL ORDER BY ALL
\`\`\`

\`\`\`ts name=twice
reading({metric: "twice_recall", value: 2 * caught.recall, n: 10, warn: 0.5})
\`\`\`

Recall was \${percent(caught.recall)}.
`;

interface Outcome {
  readonly asOf: string;
  readonly verdict: string;
  readonly cells: readonly {
    readonly name: string;
    readonly readings: readonly Reading[];
    readonly error?: { message: string };
  }[];
}

async function run(
  server: TestServer,
  ...words: readonly string[]
): Promise<Outcome & { readonly code: number | null }> {
  const { code, stdout, stderr } = await driftbook(["run", "health.nb.md", "--json", "-", ...words], {
    cwd: server.folder,
  });
  if (code === 2) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Outcome), code };
}

const readingsOf = ({ cells }: Outcome, cell: string): readonly Reading[] =>
  cells.find(({ name }) => name === cell)!.readings;
const whole = (outcome: Outcome, cell: string, metric: string, subject: string | null = null): Reading =>
  readingsOf(outcome, cell).find((one) => one.metric === metric && one.subject === subject)!;

test("monitoring cells find what moved; kept counts give the same bytes, and a late row is not missed", async () => {
  const server = await startServer({ files: { "health.nb.md": NOTEBOOK } });
  try {
    await fillTwentyDays(server);
    const first = await run(server);
    expect(first.cells.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(first.code).toBe(1);
    expect(first.verdict).toBe("fail");
    expect(whole(first, "moved", "wasserstein", "score").verdict).toBe("fail");
    expect(whole(first, "moved", "psi", "country").verdict).toBe("ok");
    expect(whole(first, "caught", "recall").n).toBeGreaterThan(20);
    expect(whole(first, "load", "rows")).toMatchObject({ value: 600, verdict: "ok" });
    expect(whole(first, "load", "range", "score").verdict).toBe("fail");
    expect(whole(first, "twice", "twice_recall").value).toBeCloseTo(2 * whole(first, "caught", "recall").value!, 10);

    const profiles = path.join(server.folder, ".driftbook", "profiles");
    expect(existsSync(profiles)).toBe(true);
    const again = await run(server, "--as-of", first.asOf);
    for (const cell of ["moved", "caught", "load"])
      expect(JSON.stringify(readingsOf(again, cell))).toBe(JSON.stringify(readingsOf(first, cell)));

    // What a power failure tore is counted anew.
    for (const entry of await readdir(profiles, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) await truncate(path.join(entry.parentPath, entry.name));
    expect(JSON.stringify(readingsOf(await run(server, "--as-of", first.asOf), "moved"))).toBe(
      JSON.stringify(readingsOf(first, "moved")),
    );

    const key = await server.key("ingest:card_fraud");
    const late = decision("late", { decided_at: "2026-03-15T12:00:00Z", score: 0.999, decision: "block" });
    await server.ask("/api/streams/card_fraud/decisions", {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      json: [late],
    });
    await queryable(server, 1201);
    const after = await run(server);
    const day = readingsOf(after, "moved").find(
      ({ metric, subject, window }) =>
        metric === "psi" && subject === "score" && window![0] === "2026-03-15T00:00:00.000Z",
    )!;
    expect(day.n).toBe(61);
    await rm(profiles, { recursive: true });
    const fromRows = await run(server, "--as-of", after.asOf);
    expect(JSON.stringify(readingsOf(fromRows, "moved"))).toBe(JSON.stringify(readingsOf(after, "moved")));
    // What was known before the late row is still what it was.
    const then = await run(server, "--as-of", first.asOf);
    expect(JSON.stringify(readingsOf(then, "moved"))).toBe(JSON.stringify(readingsOf(first, "moved")));
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});

test("a headless page shows the views with their charts", async () => {
  const server = await startServer({ files: { "health.nb.md": NOTEBOOK } });
  try {
    await fillTwentyDays(server);
    const file = path.join(server.folder, "health.html");
    await driftbook(["run", "health.nb.md", "--html", file], { cwd: server.folder });
    const page = await readFile(file, "utf8");
    expect(page).toContain("fail");
    expect(page).toContain("data:image/svg+xml");
    expect(page).not.toContain("<script");
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});
