import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  Applied,
  Job,
  JobList,
  PromotionPreview,
  Rehearsal,
  RunDetail,
  RunList,
  TickList,
  VersionDiff,
  VersionList,
} from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays } from "../../support/monitored-days.ts";
import { act, backfill, ended, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
const SPEC = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday" };

beforeAll(async () => {
  server = await startServer({ files: { "watch.nb.md": WATCHED } });
  await fillTwentyDays(server);
});
afterAll(() => server.stop());

/** Contracts are looked at twice a second. */
const looked = () => new Promise((resolve) => setTimeout(resolve, 600));

const psiOf = (detail: RunDetail) =>
  detail.readings.find(({ metric, subject }) => metric === "psi" && subject === "score")!;

test("a preview says what is frozen with every input value, the next due times, and nothing is written", async () => {
  const preview = await server.ask<PromotionPreview>("/api/jobs/preview", {
    method: "POST",
    json: { name: "peek", spec: { ...SPEC, set: { bound: 0.5 } } },
  });
  expect(preview.cells.map(({ name }) => name)).toEqual(["bound", "scores"]);
  expect(preview.inputs).toEqual([{ name: "bound", value: 0.5, default: 0.2 }]);
  expect(preview.contracts.map(({ stream }) => stream)).toEqual(["card_fraud"]);
  expect(preview.nextTimes).toHaveLength(5);
  expect(preview.nextTimes.every((time) => time.endsWith("T06:00:00.000Z"))).toBe(true);
  expect(preview.sameAs).toBeNull();
  expect((await server.request("/api/jobs/peek")).status).toBe(404);
});

test("what lies in the future is refused at once, and leaves no failed run behind", async () => {
  await promote(server, "early", SPEC);
  for (const [wish, words] of [
    [{ asOf: "2131-01-01" }, /^asOf: 2131-01-01T00:00:00.000Z is in the future; give a time up to now, /],
    [
      { window: "2131-01-01/2131-01-02" },
      /^window: 2131-01-01\S+ to 2131-01-02\S+ is in the future; nothing of it is known\.$/,
    ],
  ] as const) {
    const answer = await server.request("/api/jobs/early/run", { method: "POST", json: wish });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(words);
  }
  expect((await server.ask<RunList>("/api/jobs/early/runs")).runs).toEqual([]);
});

test("promotion freezes the closure; what was frozen twice is one version; the file is taken up and reviewable", async () => {
  const made = await promote(server, "daily", SPEC);
  expect(made).toMatchObject({ version: 1, paused: false, problem: null, textChanged: false });
  const again = await promote(server, "daily", SPEC);
  expect(again.version).toBe(1);
  const file = path.join(server.folder, "jobs", "daily.yaml");
  expect(await readFile(file, "utf8")).toContain(`version: ${made.hash}`);
  // A reader's comment stays, a setting is no version, a changed input is.
  await writeFile(file, `# the risk team owns this\n${await readFile(file, "utf8")}retries: 1\n`);
  const settings = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: {} });
  expect(settings.results[0]).toMatchObject({ change: "settings", version: 1 });
  await writeFile(file, `${await readFile(file, "utf8")}set: {bound: 0.9}\n`);
  const changed = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: { name: "daily" } });
  expect(changed.results[0]).toMatchObject({ change: "version", version: 2 });
  expect(await readFile(file, "utf8")).toContain("# the risk team owns this");
  const diff = await server.ask<VersionDiff>("/api/jobs/daily/diff?from=1&to=2");
  expect(diff.text).toEqual([]);
  expect(diff.set.filter((line) => !line.startsWith(" "))).toEqual(['-   "bound": 0.2', '+   "bound": 0.9']);
  const back = await act<Job>(server, "daily", "rollback", { version: 1 });
  expect(back).toMatchObject({ version: 3, hash: made.hash, problem: null });
  const { versions } = await server.ask<VersionList>("/api/jobs/daily/versions");
  expect(versions.map(({ number, hash }) => [number, hash === made.hash])).toEqual([
    [3, true],
    [2, false],
    [1, true],
  ]);
});

test("rolling back writes what differs, not what the notebook says", async () => {
  const notebook = path.join(server.folder, "weekly.nb.md");
  const text = (bound: number) =>
    `---\ndriftbook: 1\nwindow: last 7 days\n---\n\`\`\`yaml check name=load\nfrom: card_fraud\nfail: {rows: {min: ${bound}}}\n\`\`\`\n`;
  const spec = { run: "weekly.nb.md#load", schedule: "0 6 * * 1" };
  await writeFile(notebook, text(1));
  await promote(server, "weekly", spec);
  await writeFile(notebook, text(2));
  expect((await promote(server, "weekly", spec)).version).toBe(2);
  const back = await act<Job>(server, "weekly", "rollback", { version: 1 });
  expect(back.version).toBe(3);
  expect(back.spec).not.toHaveProperty("window");
  expect(await readFile(path.join(server.folder, "jobs", "weekly.yaml"), "utf8")).not.toContain("window");
  // A window that the versions differ in is part of what is rolled back.
  await promote(server, "weekly", { ...spec, window: "yesterday" });
  expect((await act<Job>(server, "weekly", "rollback", { version: 1 })).spec.window).toBe("last 7 days");
});

test("a run measures the window of its due time as of its time, keeps all it gave, and a replay gives the same bytes", async () => {
  await promote(server, "measured", SPEC);
  // Nothing of March was known in March: the events came today.
  const then = await backfill(server, "measured", "2026-03-07/2026-03-08");
  expect(then.map(({ verdict, asOf }) => [verdict, asOf])).toEqual([["no-data", "2026-03-07T06:00:00.000Z"]]);
  const runs = await backfill(server, "measured", "2026-03-07/2026-03-15", { as: "known-now" });
  expect(
    runs.map(({ scheduledFor, window }) => [scheduledFor.slice(0, 10), window?.map((at) => at.slice(0, 10))]),
  ).toEqual(
    Array.from({ length: 8 }, (_, i) => {
      const day = (offset: number) => new Date(Date.UTC(2026, 2, 7 + i + offset)).toISOString().slice(0, 10);
      return [day(0), [day(-1), day(0)]];
    }),
  );
  // Scores jump on the eleventh: the run of the twelfth is the first to see it.
  expect(runs.map(({ verdict }) => verdict)).toEqual(["ok", "ok", "ok", "ok", "ok", "fail", "fail", "fail"]);
  const { ticks } = await server.ask<TickList>("/api/jobs/measured/ticks");
  expect(ticks).toHaveLength(8);
  expect(ticks.every(({ state }) => state === "done")).toBe(true);

  const detail = await server.ask<RunDetail>(`/api/jobs/measured/runs/${runs[5]!.id}`);
  expect(psiOf(detail).value).toBeGreaterThan(0.2);
  expect(detail.run.inputs[0]).toMatchObject({ stream: "card_fraud", decisions: 1200 });
  expect(detail.hasPage).toBe(true);
  const page = await (await server.request(`/api/jobs/measured/runs/${runs[5]!.id}/page`)).text();
  expect(page).toContain("psi");
  const kept = await server.request(`/api/readings/${psiOf(detail).id}`);
  expect(kept.status).toBe(200);

  const { runs: replays } = await act(server, "measured", "replay", { run: runs[5]!.id });
  const replayed = await ended(server, "measured", replays[0]!);
  expect(replayed.run).toMatchObject({ state: "done", same: true, replayOf: runs[5]!.id });
  expect(replayed.readings.map(({ value }) => value)).toEqual(detail.readings.map(({ value }) => value));
});

test("SQL cells read readings, runs, ticks and versions", async () => {
  const rows = await server.ask<{ verdict: string; n: number }[]>("/api/query", {
    method: "POST",
    json: {
      sql: `SELECT t.verdict, count(*) AS n, max(r.value) AS psi FROM monitor.ticks t JOIN monitor.readings r ON r.run = t.run
            WHERE t.job = 'measured' AND r.metric = 'psi' GROUP BY ALL ORDER BY 1`,
    },
  });
  expect(rows.map(({ verdict, n }) => [verdict, n])).toEqual([
    ["fail", 3],
    ["no-data", 1],
    ["ok", 4],
  ]);
  const [counts] = await server.ask<Record<string, number>[]>("/api/query", {
    method: "POST",
    json: {
      sql: "SELECT (SELECT count(*) FROM monitor.runs) AS runs, (SELECT count(*) FROM monitor.versions WHERE job = 'daily') AS versions",
    },
  });
  expect(counts!.runs).toBeGreaterThanOrEqual(9);
  expect(counts!.versions).toBe(3);
});

test("the rehearsal runs what would be promoted over past due times and keeps nothing", async () => {
  const before = await server.ask<{ n: number }[]>("/api/query", {
    method: "POST",
    json: { sql: "SELECT count(*) AS n FROM monitor.runs" },
  });
  const found = await server.ask<Rehearsal>("/api/jobs/rehearse", {
    method: "POST",
    json: { name: "measured", spec: { ...SPEC, schedule: "0 6 1 1 *" } },
  });
  // Years before the first event are not run; the one after it is as of a time at which nothing was known.
  expect(found.runs).toBeLessThan(3);
  expect(found.notes).toEqual([`${180 - found.runs} of the last 180 due times lie before the first event.`]);
  expect([found.counts["no-data"], found.fired]).toEqual([found.runs, 0]);
  expect(Object.values(found.counts).reduce((sum, count) => sum + count, 0)).toBe(found.runs);
  const after = await server.ask<{ n: number }[]>("/api/query", {
    method: "POST",
    json: { sql: "SELECT count(*) AS n FROM monitor.runs" },
  });
  expect(after).toEqual(before);
  const { entries } = await server.ask<{ entries: object[] }>("/api/audit");
  expect(entries[0]).toMatchObject({
    action: "rehearse job",
    target: "measured",
    details: { job: "measured", version: 1, run: SPEC.run, schedule: "0 6 1 1 *", runs: found.runs, fired: 0 },
  });
}, 120_000);

test("an edited notebook does not change the job; the job says that its text changed, and a version opens as a notebook", async () => {
  const file = path.join(server.folder, "watch.nb.md");
  await writeFile(file, WATCHED.replace("5 days before", "6 days before"));
  expect(await server.ask<Job>("/api/jobs/measured")).toMatchObject({ version: 1, textChanged: true });
  const opened = await act<{ path: string }>(server, "measured", "open", { version: 1 });
  expect(opened.path).toBe("measured-v1.nb.md");
  expect(await readFile(path.join(server.folder, opened.path), "utf8")).toContain("5 days before");
  const run = await runNow(server, "measured", { window: "2026-03-12", asOf: "2026-03-14" });
  expect(run.run).toMatchObject({ state: "done", version: 1 });
  await writeFile(file, WATCHED);
});

test("whole notebooks run with TypeScript, in processes of their own, and a cell's error is the verdict", async () => {
  const notebook = `---\ndriftbook: 1\n---\n\`\`\`sql name=days\nSELECT count(*) AS n FROM card_fraud.decisions\n\`\`\`\n\n\`\`\`ts name=twice\nNumber(days.get(0).n) * 2\n\`\`\`\n\n\`\`\`ts name=broken\nthrow new Error("not today")\n\`\`\`\n`;
  await writeFile(path.join(server.folder, "whole.nb.md"), notebook);
  await promote(server, "whole", { run: "whole.nb.md", schedule: "every hour" });
  const detail = await runNow(server, "whole");
  expect(detail.run).toMatchObject({ state: "done", verdict: "error" });
  expect(detail.run.reason).toContain("not today");
  expect(detail.cells.map(({ name, status }) => [name, status])).toEqual([
    ["days", "ok"],
    ["twice", "ok"],
    ["broken", "error"],
  ]);
});

test("a version whose packages cannot be resolved says which, and what to do", async () => {
  const notebook =
    '---\ndriftbook: 1\n---\n```ts name=far\nimport nothing from "npm:driftbook-no-such-package@1.0.0";\nnothing\n```\n';
  await writeFile(path.join(server.folder, "far.nb.md"), notebook);
  await promote(server, "far", { run: "far.nb.md", schedule: "every hour" });
  const { run } = await runNow(server, "far");
  expect(run).toMatchObject({ state: "done", verdict: "error" });
  expect(run.reason).toMatch(/"driftbook-no-such-package" is not installed.*deno add npm:driftbook-no-such-package/);
});

test("what never ends can be cancelled, and the next run works", async () => {
  await writeFile(
    path.join(server.folder, "loop.nb.md"),
    "---\ndriftbook: 1\n---\n```ts name=stuck\nfor (;;) {}\n```\n",
  );
  await promote(server, "loop", { run: "loop.nb.md", schedule: "every hour", retries: 0 });
  const { runs } = await act(server, "loop", "run");
  for (;;) {
    const { run } = await server.ask<RunDetail>(`/api/jobs/loop/runs/${runs[0]}`);
    if (run.state === "running") break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await act(server, "loop", "cancel", { run: runs[0] });
  expect((await ended(server, "loop", runs[0]!)).run).toMatchObject({ state: "cancelled" });
  expect((await runNow(server, "measured", { window: "2026-03-12" })).run.state).toBe("done");
});

test.each([
  ["a cron that never fires", { ...SPEC, schedule: "0 0 30 2 *" }, 400, "never comes"],
  ["six fields", { ...SPEC, schedule: "0 0 6 * * *" }, 400, "six fields|6 fields"],
  ["an unknown zone", { ...SPEC, zone: "Mars/Olympus" }, 400, "IANA zone"],
  ["a cell that is not there", { ...SPEC, run: "watch.nb.md#nothing" }, 422, 'has no cell "nothing"'],
  ["a notebook that is not there", { ...SPEC, run: "gone.nb.md" }, 404, 'no notebook "gone.nb.md"'],
  ["an input that is not there", { ...SPEC, set: { bond: 1 } }, 422, 'no(thing|).*"bond"'],
  ["a value that its input refuses", { ...SPEC, set: { bound: 7 } }, 422, "bound"],
  ["a path outside", { ...SPEC, run: "../watch.nb.md" }, 400, "watch.nb.md"],
])("%s is refused with a sentence", async (_what, spec, status, sentence) => {
  const answer = await server.request("/api/jobs/bad", { method: "PUT", json: { spec } });
  const { detail } = (await answer.json()) as { detail: string };
  expect([answer.status, detail]).toEqual([status, expect.stringMatching(new RegExp(sentence))]);
  expect((await server.request("/api/jobs/bad")).status).toBe(404);
});

test("a stream that is gone, a notebook that is gone, a file with an error: each says what to do", async () => {
  const contract = path.join(server.folder, "streams", "card_fraud.yaml");
  const text = await readFile(contract, "utf8");
  await rm(contract);
  await looked();
  const lost = await runNow(server, "measured");
  expect(lost.run).toMatchObject({ state: "failed" });
  expect(lost.run.reason).toMatch(/card_fraud.*gone.*streams\/card_fraud.yaml/);
  await writeFile(contract, text);
  await looked();

  const notebook = path.join(server.folder, "watch.nb.md");
  await rm(notebook);
  expect((await server.ask<Job>("/api/jobs/measured")).problem).toMatch(/watch.nb.md is gone.*Open as notebook/);
  expect((await runNow(server, "measured", { window: "2026-03-12" })).run.state).toBe("done");
  await writeFile(notebook, WATCHED);

  const file = path.join(server.folder, "jobs", "measured.yaml");
  const before = await readFile(file, "utf8");
  await writeFile(file, before.replace("schedule:", "schedul:"));
  expect((await server.ask<Job>("/api/jobs/measured")).problem).toMatch(/did you mean schedule/);
  const refused = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: { name: "measured" } });
  expect(refused.results[0]).toMatchObject({ change: "refused" });
  await writeFile(file, before);
  const other = path.join(server.folder, "jobs", "half.yaml");
  await writeFile(other, "run: watch.nb.md#scores\nschedule: every dya at 06:00\n");
  const list = await server.ask<JobList>("/api/jobs");
  expect(list.jobs.map(({ name }) => name)).toContain("measured");
  expect(list.unreadable).toEqual([
    { name: "half", problem: expect.stringMatching(/half.yaml cannot be read: line 2.*did you mean day/) },
  ]);
  await rm(other);
});

test("the command line promotes, runs with an exit code, shows and ends jobs beside the server", async () => {
  const inFolder = { cwd: server.folder };
  const made = await driftbook(
    ["job", "promote", "by-hand", "--run", "watch.nb.md#scores", "--schedule", "every day at 06:00"],
    inFolder,
  );
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining("version 1") });
  const failing = await driftbook(["job", "run", "by-hand", "--window", "2026-03-12", "--json"], inFolder);
  expect(failing.code).toBe(1);
  expect(JSON.parse(failing.stdout).run.verdict).toBe("fail");
  const replayed = await driftbook(["job", "replay", "by-hand", JSON.parse(failing.stdout).run.id], inFolder);
  expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining("byte for byte") });
  const paused = await driftbook(["job", "pause", "by-hand", "--json"], inFolder);
  expect(JSON.parse(paused.stdout)).toMatchObject({ paused: true, nextTimes: [] });
  const again = await driftbook(["job", "promote", "by-hand"], inFolder);
  expect(again.stdout).toContain("is in force; it is paused, driftbook job resume by-hand ends that. It is written");
  expect((await driftbook(["job", "show", "by-hand"], inFolder)).stdout).toContain(
    "\nit is paused, driftbook job resume",
  );
  const resumed = await driftbook(["job", "resume", "by-hand"], inFolder);
  expect(resumed.stdout).toMatch(/^by-hand goes on; next at 20\d\d-.*Z\.$/m);
  expect((await driftbook(["job", "remove", "by-hand"], inFolder)).code).toBe(0);
  expect((await driftbook(["job", "show", "by-hand"], inFolder)).stdout).toContain("\nremoved 20");
  expect((await driftbook(["job", "shwo", "x"], inFolder)).stderr).toContain("Did you mean show?");
});
