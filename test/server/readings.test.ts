import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Reading } from "../../cells/results/reading.ts";
import type { Explanation, KeptReading } from "../../cells/wire/http-readings.ts";
import { fillTwentyDays, queryable } from "../support/monitored-days.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const NOTEBOOK = (metrics: string) => `---
driftbook: 1
window: 2026-03-01/2026-03-21
---
\`\`\`yaml input name=cut
type: slider
min: 0
max: 1
step: 0.1
default: 0.5
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
threshold: \${cut}
every: 1 week
known_after: 1 week
min_rows: 20
metrics: [${metrics}]
provisional_alerts: true
\`\`\`

\`\`\`ts name=own
reading({metric: "answer", value: 42, n: 7, warn: 50})
\`\`\`
`;

interface Outcome {
  readonly asOf: string;
  readonly cells: readonly { readonly name: string; readonly readings: readonly Reading[]; readonly error?: unknown }[];
}

async function run(server: TestServer, ...words: readonly string[]): Promise<readonly Reading[]> {
  const { code, stdout, stderr } = await driftbook(["run", "kpis.nb.md", "--json", "-", ...words], {
    cwd: server.folder,
  });
  if (code === 2) throw new Error(stderr);
  const outcome = JSON.parse(stdout) as Outcome;
  expect(outcome.cells.filter(({ error }) => error != null)).toEqual([]);
  return outcome.cells.flatMap(({ readings }) => readings);
}

const whole = (readings: readonly Reading[], metric: string): Reading =>
  readings.find(
    (one) =>
      one.metric === metric &&
      one.window?.[1] === "2026-03-21T00:00:00.000Z" &&
      one.window[0] === "2026-03-01T00:00:00.000Z",
  )!;

const compare = (server: TestServer, one: Reading, other: Reading): Promise<Explanation> =>
  server.ask<Explanation>(`/api/readings/${one.id}/compare`, { method: "POST", json: { with: other.id } });

/** The causes that changed the value, which must add up to the whole difference. */
function changes({ from, to, steps }: Explanation): Record<string, number> {
  let value = from.value!;
  for (const step of steps) {
    expect(step.before).toBe(value);
    expect(step.change).toBeCloseTo(step.after! - step.before!, 10);
    value = step.after!;
  }
  expect(value).toBe(to.value);
  return Object.fromEntries(steps.map(({ title, change }) => [title, change!]));
}

test("every reading says where it came from, and why it is another one than before", async () => {
  const server = await startServer({ files: { "kpis.nb.md": NOTEBOOK("recall, precision") } });
  const post = async (log: string, events: readonly unknown[]): Promise<void> => {
    const headers = { authorization: `Bearer ${await server.key("ingest:card_fraud")}` };
    await server.ask(`/api/streams/card_fraud/${log}`, { method: "POST", headers, json: events });
  };
  try {
    await fillTwentyDays(server);
    const before = await run(server);
    const recall = whole(before, "recall");
    const kept = await server.ask<KeptReading>(`/api/readings/${recall.id}`);
    expect(kept.reading).toEqual(recall);
    expect(kept.measurement).toMatchObject({ notebook: "kpis.nb.md", cell: "caught", kind: "kpi", asOf: recall.asOf });
    expect(kept.measurement.version.set).toEqual({ cut: 0.5 });
    expect(kept.measurement.version.text).toContain("yaml input name=cut");
    expect(kept.measurement.version.text).not.toContain("reading(");
    expect(kept.measurement.contracts.map(({ stream }) => stream)).toEqual(["card_fraud"]);
    expect(kept.measurement.statements.length).toBeGreaterThan(0);
    expect(kept.otherAnswers).toEqual([]);

    // The same again is the same measurement.
    expect(await run(server)).toEqual(before);
    expect((await server.ask<KeptReading>(`/api/readings/${recall.id}`)).history).toEqual(kept.history);
    const own = before.find(({ metric }) => metric === "answer")!;
    expect((await server.ask<KeptReading>(`/api/readings/${own.id}`)).measurement.cell).toBe("own");

    // New decisions, first labels, and labels that are corrected.
    const day = (at: number): string => new Date(Date.UTC(2026, 2, 2) + at * 3_600_000).toISOString();
    const added = Array.from({ length: 5 }, (_, at) => `late-${at}`);
    await post(
      "decisions",
      added.map((id, at) => decision(id, { score: 0.2, decided_at: day(at) })),
    );
    await post(
      "feedback",
      added.map((id, at) => ({ decision_id: id, label: true, source: "chargeback", observed_at: day(at) })),
    );
    await post(
      "feedback",
      [1, 2, 3].map((at) => ({ decision_id: `d-${at}`, label: true, source: "chargeback", observed_at: day(at) })),
    );
    await post(
      "feedback",
      [5].map((at) => ({ decision_id: `d-${at}`, label: true, source: "analyst", observed_at: day(at) })),
    );
    await post("feedback", [{ decision_id: "d-0", label: true, source: "chargeback", observed_at: day(0) }]);
    await queryable(server, 1205);
    const marked = await driftbook(["mark", "card_fraud", "2026-03-09/2026-03-12", "outage", "--exclude"], {
      cwd: server.folder,
    });
    expect(marked.code).toBe(0);
    const after = whole(await run(server), "recall");
    expect(after.id).not.toBe(recall.id);
    const explained = await compare(server, after, recall);
    expect([explained.from.id, explained.to.id]).toEqual([recall.id, after.id]);
    const found = changes(explained);
    expect(Object.keys(found).filter((title) => !title.startsWith("What else"))).toEqual([
      "5 decisions came in",
      "1 label arrived from analyst",
      "3 labels arrived from chargeback",
      "1 label changed",
      "Other marks count",
    ]);
    expect(found["5 decisions came in"]).toBeLessThan(0);
    const arrived = explained.steps.find(({ title }) => title === "3 labels arrived from chargeback")!;
    expect(arrived.rowCount).toBe(3);
    expect(arrived.rows.map(({ decision_id }) => decision_id).toSorted()).toEqual(["d-1", "d-2", "d-3"]);
    expect(explained.steps.find(({ cause }) => cause === "exclusions")!.lines.join("\n")).toContain("outage");
    const { history } = await server.ask<KeptReading>(`/api/readings/${after.id}`);
    expect(history.map(({ id }) => id)).toEqual(expect.arrayContaining([recall.id, after.id]));

    // An input, the text, and the contract: each alone.
    const moved = whole(await run(server, "--set", "cut=0.8", "--as-of", after.asOf), "recall");
    const byInput = await compare(server, after, moved);
    expect(changes(byInput)).toEqual({
      "The cell, or what it reads, was edited": expect.closeTo(moved.value! - after.value!, 9),
    });
    expect(byInput.steps[0]!.lines).toEqual(expect.arrayContaining(["- cut = 0.5", "+ cut = 0.8"]));
    const weeks = (await server.ask<KeptReading>(`/api/readings/${after.id}`)).history;
    const [first, second] = weeks.filter(
      ({ asOf, id, version }) => asOf === after.asOf && id !== after.id && version === explained.to.version,
    );
    const byWindow = await server.ask<Explanation>(`/api/readings/${first!.id}/compare`, {
      method: "POST",
      json: { with: second!.id },
    });
    expect(Object.keys(changes(byWindow))).toEqual(["Something else is measured"]);

    const said = await driftbook(["explain", recall.id, after.id], { cwd: server.folder });
    expect(said).toMatchObject({ code: 0 });
    expect(said.stdout).toContain("3 labels arrived from chargeback");
    const alone = await driftbook(["explain", recall.id], { cwd: server.folder });
    expect(alone.stdout).toContain("recall@1");
    expect(alone.stdout).toContain("yaml kpi name=caught");
    const none = await driftbook(["explain", "nothing"], { cwd: server.folder });
    expect(none.code).not.toBe(0);
    expect(none.stderr).toContain('No reading "nothing" is kept.');
    const precision = whole(before, "precision");
    await expect(compare(server, recall, precision)).rejects.toThrow("recall and precision are different metrics");
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});

test("a check says how it stood the last time", async () => {
  const checks = `---
driftbook: 1
---
\`\`\`yaml check name=load
from: card_fraud
window: 2026-03-01/2026-03-21
fail:
  rows: {min: 1, max: 1204}
  fresh: 90000 days
\`\`\`
`;
  const server = await startServer({ files: { "checks.nb.md": checks } });
  const page = path.join(server.folder, "checks.html");
  const text = async (): Promise<string> => {
    await driftbook(["run", "checks.nb.md", "--html", page], { cwd: server.folder });
    return (await readFile(page, "utf8")).replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  };
  try {
    await fillTwentyDays(server);
    expect(await text()).not.toContain("Since");
    const late = Array.from({ length: 5 }, (_, at) => decision(`late-${at}`, { decided_at: "2026-03-02T00:00:00Z" }));
    const headers = { authorization: `Bearer ${await server.key("ingest:card_fraud")}` };
    await server.ask("/api/streams/card_fraud/decisions", { method: "POST", headers, json: late });
    await queryable(server, 1205);
    const after = await text();
    expect(after).toMatch(/Since \d+ \w+ 20\d\d, \d\d:\d\d: 1 held and does not/);
    expect(after).toContain("was ok");
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});
