import { rm } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import type { AlertList, DeliveryList } from "../../../cells/wire/http-alerts.ts";
import { AlertStore } from "../../../workspaces/alerts/alert-store.ts";
import { openMonitorDatabase } from "../../../workspaces/monitor/monitor-database.ts";
import { aReading, aRun } from "../../cells/alerts/a-run.ts";
import { failingJobFiles, fillDays, promoteChecks, runFor } from "../../support/failing-job.ts";
import { Random } from "../../support/random.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { type WebhookReceiver, webhookReceiver } from "../../support/webhook-receiver.ts";
import { workspaceFolder } from "../../support/workspace-folder.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function receiverAndFolder(): Promise<{ receiver: WebhookReceiver; folder: string }> {
  const receiver = await webhookReceiver();
  const folder = await workspaceFolder(failingJobFiles(receiver.url));
  closing.push(
    () => rm(folder, { recursive: true, force: true }),
    () => receiver.close(),
  );
  return { receiver, folder };
}
async function serving(folder: string): Promise<TestServer> {
  const server = await startServer({ folder });
  closing.push(() => server.kill());
  return server;
}
const keys = ({ received }: WebhookReceiver) => received.map(({ headers }) => headers["webhook-id"]);

test("killed while the receiver stalls: after the restart the same message comes again, and the next ones behind it", async () => {
  const { receiver, folder } = await receiverAndFolder();
  const first = await serving(folder);
  await promoteChecks(first);
  receiver.answers.push("stall");
  await runFor(first, "2026-03-02");
  await receiver.until(1);
  await first.kill();
  const second = await serving(folder);
  await receiver.until(2);
  expect(new Set(keys(receiver)).size).toBe(1);
  expect(receiver.received[1]!.body.replaceAll(second.origin, first.origin)).toBe(receiver.received[0]!.body);
  const { deliveries } = await second.ask<DeliveryList>("/api/deliveries");
  expect(deliveries.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual([["unknown", "delivered"]]);
  expect((await second.ask<AlertList>("/api/alerts")).alerts).toMatchObject([{ state: "firing" }]);
});

test("killed between the transaction and the delivery: what was written is told after the restart, in order", async () => {
  const { receiver, folder } = await receiverAndFolder();
  const database = openMonitorDatabase(folder);
  const store = new AlertStore(database);
  const run = (day: number, subjects: readonly string[]) =>
    aRun(
      day,
      subjects.map((subject) => aReading("fail", { kind: "check", metric: "rows", subject })),
      { job: "checks" },
    );
  const rules = { to: ["team"], afterRuns: null, repeatMillis: null };
  const server = await serving(folder);
  await promoteChecks(server);
  await server.kill(); // Nobody is there to deliver what is committed now.
  store.record(run(1, ["a"]), rules, Date.now());
  store.record(run(2, ["a", "b"]), rules, Date.now());
  store.record(run(3, ["b"]), rules, Date.now());
  const written = store.outbox.list(9).toReversed();
  database.close();
  expect(written.map(({ title }) => title)).toEqual(["checks: 1 firing", "checks: 1 firing", "checks: 1 subject gone"]);
  await serving(folder);
  await receiver.until(3);
  expect(keys(receiver)).toEqual(written.map(({ id }) => id));
});

// A run that a crash ended is tried again after ten seconds.
test("killed at random moments of runs and deliveries: one message for each change, in order, equal keys for repetitions", async () => {
  const { receiver, folder } = await receiverAndFolder();
  const random = new Random(Date.now() % 1_000_000);
  const seed = `seed ${random.seed}`;
  let server = await serving(folder);
  await promoteChecks(server);
  await fillDays(server, "2026-03-02");
  for (const day of ["2026-03-02", "2026-03-03", "2026-03-04"]) {
    receiver.answers.push(random.pick(["stall", 200]));
    await runFor(server, day, false);
    await new Promise((resolve) => setTimeout(resolve, random.integer(0, 1200)));
    await server.kill();
    receiver.answers.length = 0;
    server = await serving(folder);
  }
  for (;;) {
    const { runs } = await server.ask<{ runs: { state: string }[] }>("/api/jobs/checks/runs");
    const { deliveries } = await server.ask<DeliveryList>("/api/deliveries");
    const isQuiet = runs.every(({ state }) => state !== "queued" && state !== "running");
    if (isQuiet && deliveries.every(({ state }) => state === "delivered")) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { deliveries } = await server.ask<DeliveryList>("/api/deliveries");
  const written = deliveries.toReversed();
  expect(
    written.map(({ title }) => title),
    seed,
  ).toEqual(["checks: 1 firing", "checks: 1 resolved", "checks: 1 firing"]);
  expect([...new Set(keys(receiver))], seed).toEqual(written.map(({ id }) => id));
}, 120_000);
