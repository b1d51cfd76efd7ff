import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  AlertDetail,
  AlertList,
  AlertView,
  DeliveryList,
  DestinationList,
  Silence,
} from "../../../cells/wire/http-alerts.ts";
import type { AuditEntry } from "../../../cells/wire/http-settings.ts";
import { failingJobFiles, fillDays, promoteChecks, runFor } from "../../support/failing-job.ts";
import { driftbook, startServer, type TestServer } from "../../support/server.ts";
import { type WebhookReceiver, webhookReceiver } from "../../support/webhook-receiver.ts";

let receiver: WebhookReceiver;
let server: TestServer;
beforeAll(async () => {
  receiver = await webhookReceiver();
  server = await startServer({ files: failingJobFiles(receiver.url) });
  await promoteChecks(server);
});
afterAll(async () => {
  await server?.stop();
  await receiver?.close();
  if (server !== undefined) await rm(server.folder, { recursive: true, force: true });
});

const post = <T>(path: string, json: unknown = {}) => server.ask<T>(path, { method: "POST", json });
const open = async () => (await server.ask<AlertList>("/api/alerts")).alerts;
const cli = (...words: string[]) => driftbook(["alert", ...words], { cwd: server.folder });
const titles = () => receiver.received.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title);

test("a failing check is told with its run, shown with what would resolve it, handled, and resolved", async () => {
  await runFor(server, "2026-03-02");
  await receiver.until(1);
  const [alert] = await open();
  expect(alert).toMatchObject({ job: "checks", cell: "load", metric: "rows", state: "firing", level: "value", bad: 1 });
  const sent = JSON.parse(receiver.received[0]!.body) as {
    data: { links: { run: string }; alerts: { alert: string; history: unknown }[] };
  };
  expect(titles()).toEqual(["checks: 1 firing"]);
  expect(sent.data.alerts[0]!.alert).toBe(alert!.id);
  expect(sent.data.alerts[0]!.history).toEqual([{ scheduledFor: alert!.since, value: 0, judged: 0, verdict: "fail" }]);
  expect(sent.data.links.run).toBe(`${server.origin}/jobs/checks/runs/${alert!.run}`);

  const metrics = await (await server.request("/metrics")).text();
  expect(metrics).toContain('driftbook_alerts_open{state="firing"} 1');
  expect(metrics).toContain('driftbook_alert_messages{destination="team",state="failed"} 0');

  const detail = await server.ask<AlertDetail>(`/api/alerts/${alert!.id}`);
  expect(detail.resolves).toMatch(/^1 good run would resolve it/);
  expect(detail.history).toMatchObject([{ act: "state", from: "inactive", to: "firing", notice: "sent" }]);
  expect(detail.deliveries).toMatchObject([
    { id: receiver.received[0]!.headers["webhook-id"], state: "delivered", attempts: [{ outcome: "delivered" }] },
  ]);

  const listed = await cli("list");
  expect(listed.stdout).toContain(alert!.id);
  expect(JSON.parse((await cli("list", "--state", "firing", "--json")).stdout)).toMatchObject([{ id: alert!.id }]);
  expect((await cli("ack", alert!.id, "on it")).stdout).toContain("is yours");
  expect((await cli("silence", alert!.id, "new feed", "--for", "2d", "--job-wide")).stdout).toContain(
    "Nobody is told of all alerts of checks until",
  );
  const [held] = await open();
  expect(held).toMatchObject({ acknowledged: { by: "command line", comment: "on it" } });
  expect(Date.parse(held!.silencedUntil!) - Date.now()).toBeGreaterThan(47 * 3_600_000);
  const { silences } = await server.ask<AlertList>("/api/alerts?state=silenced");
  expect(silences).toMatchObject([{ job: "checks", alert: null, comment: "new feed", state: "in force" }]);
  expect((await cli("unsilence", silences[0]!.id)).stdout).toContain("is over: what still goes on is told");
  const closed = await cli("close", alert!.id, "known-event", "feed", "moved", "--mark", "card_fraud", "--json");
  expect(JSON.parse(closed.stdout)).toMatchObject({
    alert: { closed: { as: "known-event", comment: "feed moved" } },
    mark: { stream: "card_fraud", note: "feed moved", window: { start: "2026-03-01T00:00:00.000Z" } },
  });
  expect(await open()).toEqual([]);
  expect((await cli("list")).stdout).toContain("No alert is open.");
  expect((await cli("show", alert!.id)).stdout).toMatch(
    /closed: known-event[\s\S]*1 alert of checks so far: 1 closed, 0 of them as false alarms/,
  );
  const shown = await driftbook(["job", "show", "checks"], { cwd: server.folder });
  expect(shown.stdout).toContain("false alarms 0 of 1 judged, 0%; 1 fired");

  await fillDays(server, "2026-03-02");
  await runFor(server, "2026-03-03");
  const history = (await server.ask<AlertList>("/api/alerts?state=history")).alerts;
  expect(history).toMatchObject([{ id: alert!.id, state: "resolved" }]);
  expect(titles()).toEqual(["checks: 1 firing"]);
  expect((await cli("show", alert!.id)).stdout).toMatch(/: resolved, .*; it began .* and ended /);
  const { entries } = await server.ask<{ entries: AuditEntry[] }>("/api/audit");
  const details = (of: string) => entries.find(({ action }) => action === of)?.details;
  const about = { job: "checks", version: 1, cell: "load", metric: "rows", subject: null };
  expect(details("acknowledge alert")).toMatchObject({ ...about, comment: "on it" });
  expect(details("silence alert")).toMatchObject({ ...about, of: "all alerts of checks", comment: "new feed" });
  expect(details("end silence")).toMatchObject({ job: "checks", cell: null, comment: "new feed" });
  expect(details("close alert")).toMatchObject({ ...about, as: "known-event", comment: "feed moved" });
  expect(details("mark")).toMatchObject({ note: "feed moved", excludes: false, alert: alert!.id });
  expect(details("backfill job")).toMatchObject({ job: "checks", version: 1 });
});

test("maintenance is planned before anything fires, held back while it lasts, and told when it ends early", async () => {
  const before = titles().length;
  const listed = async (...words: string[]) =>
    JSON.parse((await cli("silences", "--json", ...words)).stdout) as Silence[];
  const planned = await cli(
    ...["silence", "--job", "checks", "--cell", "load", "--metric", "rows"],
    ...["--from", "2031-03-01T22:00", "--until", "2031-03-02", "--comment", "the feed moves", "--json"],
  );
  expect(JSON.parse(planned.stdout)).toMatchObject({
    ...{ job: "checks", cell: "load", metric: "rows", state: "planned", comment: "the feed moves" },
    ...{ from: "2031-03-01T22:00:00.000Z", until: "2031-03-02T00:00:00.000Z", by: "command line" },
  });
  const now = await cli(
    "silence",
    "--job",
    "checks",
    "--cell",
    "load",
    "--for",
    "2h",
    "--comment",
    "the feed moves now",
  );
  expect(now.stdout).toMatch(/^Nobody is told of all of load \(checks\) until 20[^ ]+Z: the feed moves now\.$/m);
  expect((await listed("--job", "checks")).map(({ state, metric }) => [state, metric])).toEqual([
    ["in force", null],
    ["planned", "rows"],
  ]);
  await runFor(server, "2026-03-04");
  const [held] = await open();
  expect(held).toMatchObject({ state: "firing", toldAt: null, silencedUntil: expect.stringContaining("Z") });
  const { alerts } = await server.ask<AlertList>("/api/alerts?state=silenced");
  expect([alerts.map(({ id }) => id), titles().length]).toEqual([[held!.id], before]);
  const detail = await server.ask<AlertDetail>(`/api/alerts/${held!.id}`);
  expect(detail.history).toMatchObject([{ to: "firing", notice: "silenced" }]);
  expect(detail.silences.map(({ state }) => state)).toEqual(["in force", "planned"]);
  for (const { id } of await listed()) await cli("unsilence", id);
  await receiver.until(before + 1);
  expect(titles().at(-1)).toBe("checks: still 1 firing");
  expect([await listed(), (await listed("--all")).every(({ state }) => state === "ended")]).toEqual([[], true]);
  await fillDays(server, "2026-03-02", "2026-03-04");
  await runFor(server, "2026-03-05");
  expect(await open()).toEqual([]);
});

test("what a job measures can be silenced, and nothing else", async () => {
  const subjects = await server.ask("/api/silences/subjects?job=checks");
  expect(subjects).toEqual({
    cells: [{ cell: "load", values: [{ metric: "rows", subject: null, slice: null, title: expect.any(String) }] }],
  });
  const wish = { job: "checks", for: "2h", comment: "x" };
  for (const [more, status, sentence] of [
    [{ job: "check" }, 404, 'There is no job "check"'],
    [{ cell: "laod" }, 404, 'no cell "laod" that measures. Did you mean load?'],
    [
      { cell: "load", metric: "psi" },
      ...[404, "did not measure PSI of load. driftbook alert silence --job checks --list shows what it did;"],
    ],
    [{ metric: "rows" }, 400, "body.cell: a value is one of a cell; name the cell too."],
    [{ cell: "load", slice: "a = b" }, 400, "body.metric: a subject and a slice are of a metric"],
    [{ until: "2031-01-01" }, 400, "body.until: a silence has one end"],
    [{ for: "2 hours" }, 400, 'body.for: "2 hours" is not a duration'],
    [{ for: "401d" }, 400, 'body.for: "401d" is too long; a silence lasts 400d at most.'],
    [{ from: "2026-01-01" }, 400, 'body.from: "2026-01-01" has passed; a silence begins now or later.'],
    [{ from: "soon" }, 400, 'body.from: "soon" is no time; expected one such as 2026-03-01'],
    [{ for: undefined, from: "2031-01-02", until: "2031-01-01" }, 400, 'body.until: "2031-01-01" is not after its'],
    [{ comment: " " }, 400, "says why, such as: the new model goes live"],
  ] as const) {
    const answer = await server.request("/api/silences", { method: "POST", json: { ...wish, ...more } });
    const { detail, hint = "" } = (await answer.json()) as { detail: string; hint?: string };
    expect([answer.status, `${detail} ${hint}`]).toEqual([status, expect.stringContaining(sentence)]);
  }
  const listed = await cli("silence", "--job", "checks", "--list");
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^cell +metric .*\nload *\nload +rows *$/m) });
  const gone = await cli("unsilence", "nothing");
  expect([gone.code, gone.stderr]).toEqual([
    2,
    expect.stringContaining('There is no silence "nothing" in force or planned. driftbook alert silences'),
  ]);
});

test("a backup holds jobs, runs and alerts", async () => {
  const [file, restored] = [`${server.folder}.tgz`, `${server.folder}-restored`];
  await driftbook(["backup", file], { cwd: server.folder });
  await driftbook(["restore", file, restored]);
  const listed = await driftbook(["alert", "list", "--state", "history", "--json"], { cwd: restored });
  expect(JSON.parse(listed.stdout)).toEqual((await server.ask<AlertList>("/api/alerts?state=history")).alerts);
  for (const left of [file, restored]) await rm(left, { recursive: true, force: true });
});

test("destinations are listed without secrets, tested, and messages are sent again with the same key", async () => {
  const { destinations } = await server.ask<DestinationList>("/api/destinations");
  expect(destinations).toMatchObject([
    {
      name: "team",
      type: "webhook",
      format: "standard",
      target: new URL(receiver.url).origin,
      problem: null,
      waiting: 0,
    },
  ]);
  expect(JSON.stringify(destinations)).not.toContain("/hook");
  receiver.answers.push(500);
  expect(await post("/api/destinations/team/test")).toMatchObject({
    ok: false,
    message: expect.stringContaining("500"),
  });
  expect(await post("/api/destinations/team/test")).toMatchObject({ ok: true });
  const { deliveries } = await server.ask<DeliveryList>("/api/deliveries?destination=team");
  expect(JSON.parse((await cli("destinations", "--json")).stdout)).toMatchObject([{ name: "team", failed: 1 }]);
  receiver.answers.push(500);
  const refused = await cli("test", "team");
  expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("It did not arrive: ")]);
  expect((await cli("test", "team", "--json")).stdout).toContain('"ok":true');
  const first = deliveries.at(-1)!;
  const written = JSON.parse((await cli("deliveries", "--to", "team", "--json")).stdout) as DeliveryList["deliveries"];
  expect(written.at(-1)).toEqual(first);
  expect((await cli("deliveries", "--limit", "1")).stdout).toMatch(
    /A test from Driftbook +team +delivered .* delivered: /,
  );
  const before = receiver.received.length;
  expect((await cli("redeliver", first.id)).stdout).toContain("is sent to team again, with the same key");
  await receiver.until(before + 1);
  const [original, again] = [receiver.received[0]!, receiver.received[before]!];
  expect([again.headers["webhook-id"], again.body]).toEqual([original.headers["webhook-id"], original.body]);
});

test("who may only read changes nothing, and what is not there or makes no sense is told in a sentence", async () => {
  const headers = { authorization: `Bearer ${await server.key("read")}` };
  const [alert] = (await server.ask<{ alerts: AlertView[] }>("/api/alerts?state=all")).alerts;
  const status = async (path: string, json?: unknown) =>
    (await server.request(path, { headers, ...(json === undefined ? {} : { method: "POST", json }) })).status;
  for (const path of ["/api/alerts", `/api/alerts/${alert!.id}`, "/api/destinations", "/api/deliveries"])
    expect([path, await status(path)]).toEqual([path, 200]);
  for (const path of [
    `/api/alerts/${alert!.id}/acknowledge`,
    "/api/destinations/team/test",
    "/api/deliveries/x/redeliver",
  ])
    expect([path, await status(path, {})]).toEqual([path, 403]);
  for (const [path, json, sentence] of [
    ["/api/alerts/nothing/acknowledge", {}, 'There is no alert "nothing"'],
    [`/api/alerts/${alert!.id}/silence`, { for: "2d", comment: "x" }, "is over: it is resolved since"],
    [`/api/alerts/${alert!.id}/close`, { as: "useful", mark: { stream: "card_fraud" } }, "only a known-event"],
    [`/api/alerts/${alert!.id}/close`, { as: "known-event", mark: { stream: "loans" } }, 'no stream "loans"'],
    ["/api/destinations/nobody/test", {}, 'There is no destination "nobody". driftbook.yaml has: team.'],
    ["/api/destinations/taem/test", {}, 'There is no destination "taem". Did you mean team?'],
    ["/api/deliveries/nothing/redeliver", {}, 'There is no message "nothing". driftbook alert deliveries shows'],
    ["/api/jobs/checks/replay", { run: "nothing" }, 'no run "nothing". driftbook job runs checks lists its runs.'],
  ] as const) {
    const answer = await server.request(path, { method: "POST", json });
    const { detail, hint = "" } = (await answer.json()) as { detail: string; hint?: string };
    expect([path, answer.status >= 400 && answer.status < 500, `${detail} ${hint}`]).toEqual([
      path,
      true,
      expect.stringContaining(sentence),
    ]);
  }
  for (const [words, sentence] of [
    [["lst"], "did you mean list?"],
    [["list", "--job", "chekcs"], 'There is no job "chekcs". Did you mean checks?'],
    [["silences", "--job", "chekcs"], 'There is no job "chekcs". Did you mean checks?'],
    [["deliveries", "--to", "taem"], 'There is no destination "taem". Did you mean team?'],
    [["silence", "--list"], "--list is of a job: driftbook alert silence --job JOB --list"],
    [["silence", alert!.id, "why"], "For how long, and why?"],
    [["silence"], "What? driftbook alert silence ID, or"],
    [["silence", alert!.id, "why", "--for", "2h", "--cell", "load"], "--cell is of a job"],
    [["unsilence"], "Which silence?"],
    [["redeliver"], "Which message?"],
    [["test"], "Which destination?"],
    [["close", alert!.id, "fine"], '"fine" is none of those: useful, false-alarm, known-event'],
  ] as const) {
    const refused = await cli(...words);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(sentence)]);
  }
});

test("the alerts of a job that is removed are over with it, and told so", async () => {
  await runFor(server, "2026-03-07");
  const [alert] = await open();
  expect(alert).toMatchObject({ job: "checks", state: "firing" });
  const before = titles().length;
  for (const act of ["pause", "resume"]) await post(`/api/jobs/checks/${act}`);
  await server.ask("/api/jobs/checks", { method: "DELETE" });
  expect(await open()).toEqual([]);
  const detail = await server.ask<AlertDetail>(`/api/alerts/${alert!.id}`);
  expect(detail.alert).toMatchObject({ state: "gone", reason: "The job was removed." });
  await receiver.until(before + 1);
  expect(titles().at(-1)).toBe("checks: 1 subject gone");
  const { entries } = await server.ask<{ entries: AuditEntry[] }>("/api/audit");
  expect(entries.slice(0, 3).map(({ action, details }) => [action, details])).toEqual(
    ["remove job", "resume job", "pause job"].map((action) => [action, { job: "checks", version: 1 }]),
  );
});
