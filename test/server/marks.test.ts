import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Mark } from "../../cells/monitoring/mark.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { MarkList } from "../../cells/wire/http-marks.ts";
import { surroundingsOf } from "../../server/surroundings.ts";
import { fillTwentyDays } from "../support/monitored-days.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";
import { workspaceFolder } from "../support/workspace-folder.ts";

/** The same cells twice: what a mark leaves out of the one, a condition leaves out of the other. */
const notebook = (reference: string, where: string) => `---
driftbook: 1
window: 2026-03-11/2026-03-21
---
\`\`\`yaml drift name=moved
from: card_fraud
reference: ${reference}
every: 1 day
min_rows: 20
columns: [score, country]
\`\`\`

\`\`\`yaml kpi name=caught
from: card_fraud
window: 2026-03-01/2026-03-21
every: 1 day
threshold: 0.5
min_rows: 20
metrics: [recall, precision]
provisional_alerts: true
${where}
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
window: 2026-03-01/2026-03-21
fail: {rows: {min: 1200}}
\`\`\`
`;
const LEFT_OUT = "NOT (decided_at >= '2026-03-02T00:00:00Z' AND decided_at < '2026-03-09T00:00:00Z')";
const FILES = {
  "marked.nb.md": notebook("10 days before", ""),
  "by-hand.nb.md": notebook(`{window: 10 days before, where: "${LEFT_OUT}"}`, `where: "${LEFT_OUT}"`),
};

interface Outcome {
  readonly asOf: string;
  readonly cells: readonly { readonly name: string; readonly readings: readonly Reading[]; readonly error?: unknown }[];
}

async function run(server: TestServer, file: keyof typeof FILES, ...words: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await driftbook(["run", file, "--json", "-", ...words], { cwd: server.folder });
  if (code === 2) throw new Error(stderr);
  const outcome = JSON.parse(stdout) as Outcome;
  expect(outcome.cells.filter(({ error }) => error != null)).toEqual([]);
  return outcome;
}

/** What was measured, without when. */
const measured = ({ cells }: Outcome): unknown =>
  cells.map(({ name, readings }) => [name, readings.map(({ id: _id, asOf: _asOf, ...rest }) => rest)]);

test("an excluding mark leaves its rows out of references and KPIs from now on, and only then", async () => {
  const server = await startServer({ files: FILES });
  const mark = (...words: readonly string[]) => driftbook(["mark", ...words], { cwd: server.folder });
  const bytes = ({ cells }: Outcome) => JSON.stringify(cells.map(({ readings }) => readings));
  const bytesAt = async ({ asOf }: Outcome) => bytes(await run(server, "marked.nb.md", "--as-of", asOf));
  try {
    await fillTwentyDays(server);
    const before = await run(server, "marked.nb.md");

    const noted = await mark("card_fraud", "2026-03-15", "campaign", "--json");
    expect(JSON.parse(noted.stdout)).toMatchObject({ note: "campaign", excludes: false, by: "command line" });
    expect(measured(await run(server, "marked.nb.md"))).toEqual(measured(before));

    const made = await mark("card_fraud", "2026-03-02/2026-03-09", "fraud  attack", "--exclude", "--json");
    const attack = JSON.parse(made.stdout) as Mark;
    expect(attack).toMatchObject({
      window: { start: "2026-03-02T00:00:00.000Z", end: "2026-03-09T00:00:00.000Z" },
      note: "fraud attack",
      excludes: true,
      removedAt: null,
    });
    const [during, byHand] = [await run(server, "marked.nb.md"), await run(server, "by-hand.nb.md")];
    expect(measured(during)).toEqual(measured(byHand));
    expect(measured(during)).not.toEqual(measured(before));
    const rows = (outcome: Outcome) => outcome.cells.find(({ name }) => name === "load")!.readings[0]!.value;
    expect([rows(before), rows(during)]).toEqual([1200, 1200]);
    const page = path.join(server.folder, "marked.html");
    await driftbook(["run", "marked.nb.md", "--html", page], { cwd: server.folder });
    const text = await readFile(page, "utf8");
    expect(text).toContain("1 mark excludes 7 days of the reference: fraud attack");
    expect(text).toContain("1 mark excludes 7 days of the window: fraud attack");
    expect(text).toContain("campaign, 15 Mar 2026");

    expect(await bytesAt(before)).toBe(bytes(before));
    const gone = await server.ask<Mark>(`/api/streams/card_fraud/marks/${attack.id}`, { method: "DELETE" });
    expect(gone.removedAt).not.toBeNull();
    expect(measured(await run(server, "marked.nb.md"))).toEqual(measured(before));
    expect(await bytesAt(during)).toBe(bytes(during));

    const notes = async (query = ""): Promise<string[]> =>
      (await server.ask<MarkList>(`/api/streams/card_fraud/marks${query}`)).marks.map(({ note }) => note);
    expect(await notes()).toEqual(["campaign"]);
    expect(await notes(`?asOf=${during.asOf}`)).toEqual(["fraud attack", "campaign"]);
    expect(await notes(`?asOf=${before.asOf}`)).toEqual([]);
    const { entries } = await server.ask<{ entries: { action: string; details: unknown }[] }>("/api/audit");
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["mark", "remove mark"]));

    const backup = path.join(server.folder, "..", `${path.basename(server.folder)}.tgz`);
    await driftbook(["backup", backup], { cwd: server.folder });
    const restored = `${server.folder}-restored`;
    await driftbook(["restore", backup, restored]);
    const listed = await driftbook(["mark", "--list", "card_fraud", "--json"], { cwd: restored });
    expect((JSON.parse(listed.stdout) as Mark[]).map(({ note }) => note)).toEqual(["campaign"]);
    for (const left of [backup, restored]) await rm(left, { recursive: true, force: true });
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});

test("the command needs no server, resolves in the workspace's zone, and refuses in sentences", async () => {
  const cwd = await workspaceFolder({ "driftbook.yaml": "zone: Europe/Berlin\n" });
  const mark = (...words: readonly string[]) => driftbook(["mark", ...words], { cwd });
  const made = await mark("card_fraud", "2026-W11", "outage");
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout).toContain("from 2026-03-08T23:00:00.000Z to 2026-03-15T23:00:00.000Z: outage.");
  const [one] = JSON.parse((await mark("--list", "card_fraud", "--json")).stdout) as Mark[];
  expect((await mark("--list", "card_fraud")).stdout).toContain(one!.id);
  expect((await mark("--remove", one!.id, "card_fraud")).stdout).toContain("(outage) is removed from now on");
  expect((await mark("--list", "card_fraud")).stdout).toContain("has no marks");
  for (const [words, sentence] of [
    [["card_fraud", "2026-03-05"], "A window and a note are missing"],
    [["card_fraud", "soon", "x"], '"soon" is no window; expected one such as'],
    [["card_fraud", "7 days before", "x"], "needs a measured window"],
    [["card_fraud", "2026-03-05", " "], "note"],
    [["loans", "2026-03-05", "x"], 'There is no stream "loans"'],
    [["--remove", one!.id, "card_fraud"], "was removed at"],
    [["--remove", "nothing", "card_fraud"], 'has no mark "nothing"'],
    [["--list", "card_fraud", "--exclude"], "Give one of"],
  ] as const) {
    const refused = await mark(...words);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(refused.stderr).not.toContain("    at ");
  }
  await rm(cwd, { recursive: true, force: true });
});

test("only who may edit makes and removes marks; a key for reading sees them", async () => {
  const server = await startServer();
  try {
    const where = "/api/streams/card_fraud/marks";
    const headers = { authorization: `Bearer ${await server.key("read", "ingest:card_fraud")}` };
    const json = { window: "2026-03-05", note: "outage" };
    const { id, by } = await server.ask<Mark>(where, { method: "POST", json });
    expect(by).toMatch(/^browser /);
    expect((await server.request(where, { headers })).status).toBe(200);
    expect((await server.request(where, { method: "POST", headers, json })).status).toBe(403);
    expect((await server.request(`${where}/${id}`, { method: "DELETE", headers })).status).toBe(403);
    expect((await server.request("/api/streams/x/marks")).status).toBe(404);
    expect((await server.request(`${where}?asOf=soon`)).status).toBe(400);
  } finally {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  }
});

test("what depends on the data is stale when marks change", async () => {
  const folder = await workspaceFolder();
  const mark = { id: "a" } as Mark;
  const [none, some] = [await surroundingsOf(folder, [], []), await surroundingsOf(folder, [], [mark])];
  expect(some).not.toBe(none);
  expect(await surroundingsOf(folder, [], [mark])).toBe(some);
});
