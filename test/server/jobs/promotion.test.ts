import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { DestinationList } from "../../../cells/wire/http-alerts.ts";
import type {
  Applied,
  Job,
  JobList,
  Promoted,
  PromotionPreview,
  Rehearsal,
  VersionList,
} from "../../../cells/wire/http-jobs.ts";
import type { AuditEntry } from "../../../cells/wire/http-settings.ts";
import { runFor } from "../../support/failing-job.ts";
import { WATCHED } from "../../support/monitored-job.ts";
import { opened, openNotebook } from "../../support/notebook-line.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";

const CHECKS = "---\ndriftbook: 1\n---\n```yaml check name=load\nfrom: card_fraud\nfail: {rows: {min: 1}}\n```\n";
const OWN_WINDOW = `${CHECKS}
\`\`\`yaml check name=weeks
from: card_fraud
window: last 7 weeks
fail: {rows: {min: 1}}
\`\`\`
`;
const FAR = `---\ndriftbook: 1\n---\n\`\`\`ts name=far
import nothing from "npm:driftbook-no-such-package@1.0.0";
nothing
\`\`\`
`;
const check = (from: string, more = "") =>
  `\`\`\`yaml check name=of_${from}\nfrom: ${from}\n${more}fail: {rows: {min: 1}}\n\`\`\`\n`;
const RANDOM = `---
driftbook: 1
---
\`\`\`sql name=drawn
SELECT random() AS r FROM range(200)
\`\`\`

\`\`\`ts name=thrown
[{ r: Math.random() }]
\`\`\`

\`\`\`ts name=asked
await sql\`FROM range(100) USING SAMPLE 10\`
\`\`\`

\`\`\`sql name=seeded
SELECT * FROM range(200) t(i) WHERE hash(i) % 2 = 0 -- not random()
\`\`\`

${check("drawn")}
${check("thrown")}
${check("asked")}
${check("seeded")}
${check("card_fraud", 'where: "random() < 0.5"\n')}`;
/** Nobody listens there: what is sent waits. */
const NOWHERE = `{webhook: "http://127.0.0.1:9/hook", allow_private: true}`;

let server: TestServer;
beforeAll(async () => {
  const files = {
    "watch.nb.md": WATCHED,
    "checks.nb.md": CHECKS,
    "weeks.nb.md": OWN_WINDOW,
    "far.nb.md": FAR,
    "random.nb.md": RANDOM,
  };
  const settings = `zone: UTC\ndestinations:\n  team: ${NOWHERE}\n  chat: ${NOWHERE}\n`;
  server = await startServer({ files: { ...files, "driftbook.yaml": settings } });
});
afterAll(async () => {
  await server.stop();
  await rm(server.folder, { recursive: true, force: true });
});

const SPEC = { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "yesterday", set: { bound: 0.5 } };
const SETTINGS = { wait: "1 hour", retries: 0, alert: { to: ["team"], after: "3 runs" } };
const put = (name: string, json: object) => server.ask<Promoted>(`/api/jobs/${name}`, { method: "PUT", json });
const cli = (...words: string[]) => driftbook(["job", ...words], { cwd: server.folder });
const fileOf = (name: string) => path.join(server.folder, "jobs", `${name}.yaml`);
const specOf = async (name: string) => {
  const { version: _version, ...spec } = (await server.ask<Job>(`/api/jobs/${name}`)).spec;
  return spec;
};
const refusal = async (where: string, init: object) => {
  const answer = await server.request(where, init);
  const { detail, hint } = (await answer.json()) as { detail: string; hint?: string };
  return [answer.status, `${detail} ${hint ?? ""}`];
};
const lastAudit = async (target: string): Promise<AuditEntry> => {
  const { entries } = await server.ask<{ entries: AuditEntry[] }>("/api/audit");
  return entries.find((entry) => entry.target === target)!;
};

test("promoting again on the command line changes what is said and keeps the rest; the audit log tells old and new", async () => {
  await put("kept", { spec: { ...SPEC, ...SETTINGS } });
  expect((await lastAudit("kept")).details).toMatchObject({ changes: { wait: { from: null, to: "1 hour" } } });
  expect(await cli("promote", "kept", "--schedule", "every hour", "--set", "bound=0.4")).toMatchObject({ code: 0 });
  const changed = { ...SPEC, ...SETTINGS, schedule: "every hour", set: { bound: 0.4 } };
  expect(await specOf("kept")).toEqual(changed);
  expect(await lastAudit("kept")).toMatchObject({
    action: "promote",
    details: {
      change: "version",
      changes: { schedule: { from: "0 6 * * *", to: "every hour" }, set: { from: { bound: 0.5 }, to: { bound: 0.4 } } },
    },
  });
  expect(await cli("promote", "kept", "--window", "", "--set", "bound=null")).toMatchObject({ code: 0 });
  const { window: _window, set: _set, ...rest } = changed;
  expect(await specOf("kept")).toEqual(rest);
  const fresh = await cli("promote", "fresh", "--run", "watch.nb.md#scores");
  expect(fresh).toMatchObject({ code: 2, stderr: expect.stringMatching(/no job fresh yet.* needs --schedule/) });
});

test("an edit by hand that is not in force yet counts when promoting, and is not lost with a change of settings", async () => {
  const { version: _version, ...spec } = (await put("edited", { spec: { ...SPEC, ...SETTINGS } })).spec;
  await writeFile(fileOf("edited"), `${await readFile(fileOf("edited"), "utf8")}timeout: 7 minutes\n`);
  expect((await server.ask<Job>("/api/jobs/edited")).written).toMatchObject({ timeout: "7 minutes" });
  const init = { method: "PUT", json: { spec: { ...spec, retries: 1 }, promote: false } };
  expect(await refusal("/api/jobs/edited", init)).toEqual([409, expect.stringMatching(/was edited.*job apply edited/)]);
  expect(await cli("promote", "edited", "--schedule", "every hour")).toMatchObject({ code: 0 });
  expect(await specOf("edited")).toEqual({ ...spec, schedule: "every hour", timeout: "7 minutes" });
  await writeFile(fileOf("edited"), "run: watch.nb.md\nschedul: every hour\n");
  expect(await refusal("/api/jobs/edited", { method: "PUT", json: { spec } })).toEqual([
    409,
    expect.stringMatching(/cannot be read.*did you mean schedule/),
  ]);
  await rm(fileOf("edited"));
});

test("a destination that driftbook.yaml does not have is refused wherever it is asked for, with those there are", async () => {
  const spec = { ...SPEC, alert: { to: ["taem"] } };
  const said = expect.stringMatching(/no destination "taem"; did you mean team\? It has team, chat; add one under/);
  for (const promote of [true, false])
    expect(await refusal("/api/jobs/told", { method: "PUT", json: { spec, promote } })).toEqual([422, said]);
  const preview = { method: "POST", json: { name: "told", spec } };
  expect(await refusal("/api/jobs/preview", preview)).toEqual([422, said]);
  expect((await server.request("/api/jobs/told")).status).toBe(404);
  await put("told", { spec: SPEC });
  await writeFile(fileOf("told"), `${await readFile(fileOf("told"), "utf8")}alert: {to: [nosuch]}\n`);
  const { results } = await server.ask<Applied>("/api/jobs/apply", { method: "POST", json: { name: "told" } });
  expect(results[0]).toMatchObject({
    change: "refused",
    message: expect.stringMatching(/"nosuch"\. It has team, chat/),
  });
  await writeFile(
    fileOf("told"),
    (await readFile(fileOf("told"), "utf8")).replace("alert: {to: [nosuch]}", "alert: {after: 5 runs}"),
  );
  expect(await cli("apply", "told")).toMatchObject({ code: 0, stdout: expect.stringContaining("settings changed") });
  expect(await specOf("told")).toMatchObject({ alert: { after: "5 runs" } });
});

test("a file that names a version which is not here is refused, and nothing is frozen for it", async () => {
  await writeFile(fileOf("elsewhere"), "run: watch.nb.md#scores\nschedule: every hour\nversion: 3f9c\n");
  const applied = await cli("apply", "elsewhere");
  expect(applied.code).toBe(2);
  expect(applied.stdout).toMatch(
    /version: 3f9c is not in this workspace, and the notebook now gives [0-9a-f]{16}\. Remove/,
  );
  expect(await server.ask<VersionList>("/api/jobs/elsewhere/versions")).toEqual({ versions: [] });
  await rm(fileOf("elsewhere"));
});

test("a file that apply refuses is not said to wait for it: the list and doctor say why, as apply does", async () => {
  const files = {
    nobook: ["run: nobook.nb.md\n", /^It is not in force yet: There is no notebook "nobook\.nb\.md"\. /],
    nocell: ["run: watch.nb.md#scorse\n", /^It is not in force yet: run: watch\.nb\.md has no cell "scorse"\. It has /],
    noversion: [
      "run: checks.nb.md\nversion: 3f9c\n",
      /^It is not in force yet: version: 3f9c is not in this workspace; /,
    ],
    nobody: ["run: checks.nb.md\nalert: {to: [nosuch]}\n", /^It is not in force yet: alert\.to: .*"nosuch"\. It has /],
    fine: ["run: checks.nb.md\n", /^It is not in force yet: driftbook job apply fine takes it up\.$/],
    kept: ["run: nobook.nb.md\n", /^jobs\/kept\.yaml differs from what is in force: There is no notebook "nobook/],
  } as const;
  const before = await readFile(fileOf("kept"), "utf8");
  for (const [name, [text]] of Object.entries(files)) await writeFile(fileOf(name), `${text}schedule: every hour\n`);
  const { jobs } = await server.ask<JobList>("/api/jobs");
  for (const [name, [, problem]] of Object.entries(files))
    expect([name, jobs.find((job) => job.name === name)?.problem]).toEqual([name, expect.stringMatching(problem)]);
  const applied = await cli("apply", "nobook");
  const [, why] = /: (There is no .*)$/m.exec(applied.stdout)!;
  expect(jobs.find(({ name }) => name === "nobook")!.problem).toContain(why);
  const doctor = await driftbook(["doctor"], { cwd: server.folder });
  expect(doctor.stdout).toMatch(
    /wrong +Job noversion: it has no version, so nothing runs\n +.*version: 3f9c is not in this/,
  );
  for (const name of Object.keys(files)) await rm(fileOf(name));
  await writeFile(fileOf("kept"), before);
});

test("what is doubtful is said on the command line, in JSON and in the preview", async () => {
  const made = await cli(
    "promote",
    "literal",
    "--run",
    "checks.nb.md",
    "--schedule",
    "every hour",
    "--window",
    "2026-03",
    "--json",
  );
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining("▲ The window 2026-03 stays what it is") });
  expect((JSON.parse(made.stdout) as Promoted).warnings).toHaveLength(1);

  const ask = (spec: object) =>
    server.ask<PromotionPreview>("/api/jobs/preview", { method: "POST", json: { name: "weeks", spec } });
  const weeks = { run: "weeks.nb.md#weeks", schedule: "every day at 06:00", window: "yesterday" };
  const preview = await ask(weeks);
  expect(preview.warnings).toEqual([
    "The cell weeks has the window last 7 weeks of its own: the job's window has no effect on it.",
  ]);
  const [start, end] = preview.cells[0]!.window!.resolved!;
  expect([end, Date.parse(end) - Date.parse(start)]).toEqual([preview.nextTimes[0], 49 * 86_400_000]);
  expect((await ask({ ...weeks, run: "weeks.nb.md#load" })).cells[0]!.window).toBeNull();
  const { window: _window, ...unstated } = weeks;
  expect((await ask(unstated)).warnings).toEqual([]);

  const far = await ask({ run: "far.nb.md", schedule: "every hour" });
  expect(far.warnings).toEqual([
    expect.stringMatching(/"driftbook-no-such-package" is not installed.*deno add npm:driftbook-no-such-package/),
  ]);
});

test("a version opened as a notebook asks the same question, remembers its job, and is promoted as its next one", async () => {
  await put("opened", { spec: { ...SPEC, ...SETTINGS } });
  await put("opened", { spec: { ...SPEC, ...SETTINGS, window: "last 7 days", set: { bound: 0.9 } } });
  const opened = await cli("open", "opened", "1");
  expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining("--run opened-v1.nb.md#scores") });
  const text = await readFile(path.join(server.folder, "opened-v1.nb.md"), "utf8");
  expect(text).toContain("window: yesterday\njob: opened\n");
  expect(text).toContain("default: 0.5");
  expect(await cli("promote", "opened", "--run", "opened-v1.nb.md#scores")).toMatchObject({ code: 0 });
  const { versions } = await server.ask<VersionList>("/api/jobs/opened/versions");
  expect(versions.map(({ number, frozen }) => [number, frozen.window, frozen.set])).toEqual([
    [3, "yesterday", { bound: 0.5 }],
    [2, "last 7 days", { bound: 0.9 }],
    [1, "yesterday", { bound: 0.5 }],
  ]);
  expect(await specOf("opened")).toEqual({ run: "opened-v1.nb.md#scores", schedule: SPEC.schedule, ...SETTINGS });
  expect(await cli("open", "opened")).toMatchObject({ stdout: expect.stringContaining("Version 3 of opened") });
  expect((await cli("open", "opened", "9")).stderr).toContain("has no version 9. It has 3, 2, 1.");
});

test("refusals begin with what was written; of a notebook that is gone they say where its text is", async () => {
  const refused = await cli("promote", "kept", "--schedule", "every dya");
  expect(refused).toMatchObject({
    code: expect.any(Number),
    stderr: expect.stringMatching(/^(driftbook: )?schedule: /),
  });
  const report = await driftbook(["report", "publish", "checks.nb.md", "--slug", "Not A Slug"], { cwd: server.folder });
  expect(report.stderr).toMatch(/^(driftbook: )?slug: /);

  await writeFile(path.join(server.folder, "brief.nb.md"), CHECKS);
  await put("brief", { spec: { run: "brief.nb.md", schedule: "every hour" } });
  expect((await cli("promote", "other", "--run", "breif.nb.md", "--schedule", "every hour")).stderr).toContain(
    'There is no notebook "breif.nb.md". Did you mean brief.nb.md?',
  );
  await rm(path.join(server.folder, "brief.nb.md"));
  expect((await cli("promote", "brief")).stderr).toContain("driftbook job open brief brings its text back");
  const gone = await driftbook(["report", "publish", "brief.nb.md", "--slug", "brief"], { cwd: server.folder });
  expect(gone.stderr).toContain("driftbook job open brief brings it back");
  expect(await cli("open", "brief")).toMatchObject({ code: 0 });
});

test("a notebook that was removed on disk is gone, though its page was open before", async () => {
  const file = path.join(server.folder, "seen.nb.md");
  await writeFile(file, CHECKS);
  await put("seen", { spec: { run: "seen.nb.md", schedule: "every hour" } });
  const page = openNotebook(server, "seen.nb.md");
  await opened(page);
  await rm(file);
  const [status, words] = await refusal("/api/jobs/seen", {
    method: "PUT",
    json: { spec: { run: "seen.nb.md", schedule: "every hour" } },
  });
  expect([status, words]).toEqual([404, expect.stringContaining("driftbook job open seen brings its text back")]);
  expect((await server.ask<Job>("/api/jobs/seen")).problem).toMatch(/^The notebook seen.nb.md is gone/);
  // Who looks at it has it still; who comes after nobody looked does not.
  page.close();
  const again = async () => {
    const socket = new WebSocket(`${server.origin.replace("http", "ws")}/api/notebooks/seen.nb.md/socket`, {
      headers: { cookie: server.cookie, origin: server.origin },
    });
    const code = await new Promise<string>((resolve) => {
      socket.once("open", () => resolve("open"));
      socket.once("error", (error) => resolve(error.message));
    });
    socket.terminate();
    return code;
  };
  await vi.waitUntil(async () => (await again()).includes("404"), { timeout: 10_000 });
});

test("a preview prints what would be frozen, the next times, and how often the bounds would have failed; nothing is written", async () => {
  const words = (cell: string) => [
    "preview",
    "peek",
    "--run",
    cell,
    "--schedule",
    "0 6 1 1 *",
    "--window",
    "yesterday",
  ];
  const said = await cli(...words("weeks.nb.md#weeks"));
  expect(said.code).toBe(0);
  expect(said.stderr).toContain("has no effect on it");
  expect(said.stdout).toMatch(/^peek: a new version, [0-9a-f]{16}\nnext \d{4}-01-01T06:00/);
  expect(said.stdout).toMatch(/weeks +check +window last 7 weeks: /);
  expect(said.stdout).not.toContain("past");
  // Nothing was known at those times, or they lie before the first event.
  const rehearsed = await cli(...words("watch.nb.md#scores"), "--rehearse", "--json");
  const { nextTimes, rehearsal } = JSON.parse(rehearsed.stdout) as PromotionPreview & { rehearsal: Rehearsal };
  expect([nextTimes.length, rehearsal.counts["no-data"]]).toEqual([5, rehearsal.runs]);
  expect((await server.request("/api/jobs/peek")).status).toBe(404);
});

test("a destination that driftbook.yaml lost is listed with what waits, counted and told by doctor, as are jobs with a problem", async () => {
  await put("checks", {
    spec: { run: "checks.nb.md", schedule: "0 6 * * *", window: "yesterday", alert: { to: ["team"] } },
  });
  await runFor(server, "2026-03-02");
  await server.stop();
  await writeFile(path.join(server.folder, "driftbook.yaml"), `zone: UTC\ndestinations:\n  chat: ${NOWHERE}\n`);
  await writeFile(fileOf("unmade"), "run: checks.nb.md\nschedule: every hour\n");
  server = await startServer({ folder: server.folder });
  const { destinations, lost } = await server.ask<DestinationList>("/api/destinations");
  expect(destinations.map(({ name }) => name)).toEqual(["chat"]);
  expect(lost).toMatchObject([{ name: "team", jobs: expect.arrayContaining(["checks", "kept"]), waiting: 1 }]);
  const metrics = await (await server.request("/metrics")).text();
  expect(metrics).toContain('driftbook_alert_messages{destination="team",state="waiting"} 1');
  expect(metrics).toContain("driftbook_destinations_lost 1");
  const doctor = await driftbook(["doctor"], { cwd: server.folder });
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/wrong +Destination team: not in driftbook.yaml; 1 messages wait/);
  expect(doctor.stdout).toMatch(/wrong +Job unmade: it has no version, so nothing runs\n +.*job apply unmade/);
  expect(doctor.stdout).toMatch(/wrong +Job brief: The notebook brief.nb.md is gone/);
  expect(doctor.stdout).toMatch(/ok +Jobs: \d+/);
});

test("acts on one job at once are done one after the other: file and job say the same, and removed stays removed", async () => {
  await put("crowd", { spec: SPEC });
  await put("crowd", { spec: { ...SPEC, set: { bound: 0.6 } } });
  for (let round = 0; round < 6; round++) {
    await Promise.all([
      put("crowd", { spec: { ...SPEC, set: { bound: 0.1 + round / 100 } } }),
      put("crowd", { spec: { ...SPEC, set: { bound: 0.8 + round / 100 }, retries: 1 } }),
      server.request("/api/jobs/crowd/rollback", { method: "POST", json: { version: 1 } }),
    ]);
    const { problem } = await server.ask<Job>("/api/jobs/crowd");
    expect([round, problem]).toEqual([round, null]);
  }
  for (let round = 0; round < 4; round++) {
    const acts = await Promise.all([
      server.request("/api/jobs/crowd/rollback", { method: "POST", json: { version: 1 } }),
      server.request("/api/jobs/crowd", { method: "DELETE" }),
    ]);
    const { removed, problem } = await server.ask<Job>("/api/jobs/crowd");
    expect([round, acts[1].status, removed === null ? "there" : "removed", problem]).toEqual([
      round,
      200,
      "removed",
      null,
    ]);
    await server.ask("/api/jobs/crowd/restore", { method: "POST", json: {} });
  }
});

test("a job that is made while all files are taken up is not ended for want of a file", async () => {
  // Files that are frozen anew take their time, and the list of names is taken before.
  for (const name of ["early-1", "early-2", "early-3"]) {
    await put(name, { spec: SPEC });
    await writeFile(
      fileOf(name),
      (await readFile(fileOf(name), "utf8")).replace(/bound: .*|version: .*/g, (line) =>
        line.startsWith("bound") ? "bound: 0.7" : "",
      ),
    );
  }
  const [applied] = await Promise.all([
    server.ask<Applied>("/api/jobs/apply", { method: "POST", json: {} }),
    ...["late-1", "late-2", "late-3"].map((name) => put(name, { spec: SPEC })),
  ]);
  expect(applied.results.filter(({ name }) => name.startsWith("late"))).toEqual([]);
  for (const name of ["late-1", "late-2", "late-3"])
    expect(await server.ask<Job>(`/api/jobs/${name}`)).toMatchObject({ removed: null, problem: null });
});

test("a rollback does not write over what somebody has written into the file", async () => {
  await put("handmade", { spec: SPEC });
  await put("handmade", { spec: { ...SPEC, set: { bound: 0.6 } } });
  const text = (await readFile(fileOf("handmade"), "utf8")).replace("0 6 * * *", "0 7 * * *");
  await writeFile(fileOf("handmade"), text);
  const [status, words] = await refusal("/api/jobs/handmade/rollback", { method: "POST", json: { version: 1 } });
  expect([status, words]).toEqual([409, expect.stringContaining("was edited and is not in force yet")]);
  expect(await readFile(fileOf("handmade"), "utf8")).toBe(text);
});

test.each([
  ["of_drawn", 'random.nb.md, cell "drawn": random() draws anew each time'],
  ["of_thrown", 'random.nb.md, cell "thrown": Math.random draws anew each time'],
  ["of_asked", 'random.nb.md, cell "asked": SAMPLE without REPEATABLE draws anew each time'],
  ["of_card_fraud", 'random.nb.md, cell "of_card_fraud": random() draws anew each time'],
])("what is drawn at random is not promoted: %s", async (cell, said) => {
  const spec = { run: `random.nb.md#${cell}`, schedule: "0 6 * * *" };
  const [status, words] = await refusal("/api/jobs/preview", { method: "POST", json: { name: "random", spec } });
  expect([status, words]).toEqual([422, expect.stringContaining(said)]);
  expect(words).toContain("hash(decision_id)");
  expect((await refusal("/api/jobs/random", { method: "PUT", json: { spec } }))[0]).toBe(422);
});

test("what is drawn by a hash is promoted", async () => {
  const job = await put("drawn", { spec: { run: "random.nb.md#of_seeded", schedule: "0 6 * * *" } });
  expect(job.version).toBe(1);
  await server.ask("/api/jobs/drawn", { method: "DELETE" });
});

test("a window that reaches before all time is refused before anything is frozen", async () => {
  const spec = { run: "checks.nb.md#load", schedule: "0 6 * * *", window: "last 9999 years" };
  const [status, words] = await refusal("/api/jobs/ages", { method: "PUT", json: { spec } });
  expect([status, words]).toEqual([422, expect.stringMatching(/^window: /)]);
  expect((await server.request("/api/jobs/ages")).status).toBe(404);
});
