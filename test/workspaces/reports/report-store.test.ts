import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test, vi } from "vitest";
import type { Revision } from "../../../cells/wire/http-reports.ts";
import { ReportStore, SlugTaken } from "../../../workspaces/reports/report-store.ts";

const CHOICES = { showCode: false, tables: "aggregates", personal: false, backfills: false } as const;
let folder: string;
let database: DatabaseSync;
let now: number;
const opened = (): ReportStore => new ReportStore(folder, database, () => now);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "driftbook-reports-"));
  database = new DatabaseSync(":memory:");
  database.exec("PRAGMA foreign_keys = ON");
  now = Date.parse("2026-03-01T00:00:00Z");
});

function publish(
  store: ReportStore,
  value: number,
  source: Partial<Revision["source"]> = {},
  takeOver = false,
): Promise<Revision> {
  const slug = "weekly";
  const measured = {
    name: "k.recall",
    unit: "share" as const,
    value,
    lower: null,
    upper: null,
    n: 10,
    verdict: "ok" as const,
    judged: true,
  };
  return store.publish(
    {
      slug,
      madeAt: new Date(now).toISOString(),
      madeBy: "test",
      window: null,
      asOf: null,
      version: null,
      rows: [],
      note: null,
      approvedBy: null,
      verdict: "ok",
      headline: store.withChanges(slug, [measured]),
      source: { notebook: "a.nb.md", job: null, run: null, ...source },
      scheduledFor: null,
      askedFor: null,
      measured: [],
      variants: [{}],
      leftOut: [],
    },
    { number: store.nextNumber(slug), title: "Weekly", choices: CHOICES, takeOver },
    new Map([
      ["0/page.html", `<p>${value}</p>`],
      ["0/tables/t.csv", "a\r\n"],
    ]),
  );
}

test("revisions are numbered from 1, carry the difference to the one before, and stay as they were", async () => {
  const store = opened();
  await publish(store, 0.7);
  await publish(store, 0.8);
  const [second, first] = store.revisions("weekly");
  expect([first!.number, first!.headline[0]!.change]).toEqual([1, null]);
  expect(second!.headline[0]).toMatchObject({ value: 0.8, before: { value: 0.7 }, change: 0.1 });
  expect(String(await store.file("weekly", 1, "0/page.html"))).toBe("<p>0.7</p>");
  expect(String(await store.file("weekly", 2, "0/page.html"))).toBe("<p>0.8</p>");
  expect(store.revision("weekly", "latest")!.number).toBe(2);
});

test("a file of a revision is found by its exact name only", async () => {
  const store = opened();
  await publish(store, 1);
  for (const name of ["../../monitor.db", "0/../0/page.html", "0/tables/../page.html", "0/tables/t.exe", "1/page.html"])
    expect(await store.file("weekly", 1, name)).toBeNull();
});

test("a crash between the files and the row leaves nothing after the next opening, and its number is used again", async () => {
  await publish(opened(), 1);
  const reports = path.join(folder, ".driftbook", "reports");
  for (const left of ["weekly/2/0", "weekly/.3-abc/0", "never/1/0"]) {
    await mkdir(path.join(reports, left), { recursive: true });
    await writeFile(path.join(reports, left, "page.html"), "left");
  }
  const store = opened();
  expect(readdirSync(path.join(reports, "weekly"))).toEqual(["1"]);
  expect(existsSync(path.join(reports, "never", "1"))).toBe(false);
  expect((await publish(store, 2)).number).toBe(2);
  expect(String(await store.file("weekly", 2, "0/page.html"))).toBe("<p>2</p>");
});

test("a row that cannot be written leaves the revision before as it was", async () => {
  const store = opened();
  await publish(store, 1);
  database.exec("CREATE TRIGGER full BEFORE INSERT ON report_revisions BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  await expect(publish(store, 2)).rejects.toThrow("disk full");
  database.exec("DROP TRIGGER full");
  expect(opened().revisions("weekly")).toHaveLength(1);
  expect(readdirSync(path.join(folder, ".driftbook", "reports", "weekly"))).toEqual(["1"]);
});

test("a slug belongs to its source", async () => {
  const store = opened();
  await publish(store, 1);
  await expect(publish(store, 2, { notebook: "b.nb.md" })).rejects.toThrow(SlugTaken);
  await expect(publish(store, 2, { job: "daily" })).rejects.toThrow(/of the notebook a\.nb\.md/);
});

test("a withdrawn slug is that of its source, until another takes it over; what was withdrawn stays so", async () => {
  const store = opened();
  await publish(store, 1, { job: "daily", run: "r1" });
  const other = { notebook: "b.nb.md", job: null };
  await expect(publish(store, 2, other, true)).rejects.toThrow('The report "weekly" exists and is of the job daily.');
  store.revoke("weekly");
  await expect(publish(store, 2, other)).rejects.toThrow(
    'The report "weekly" was of the job daily and was withdrawn at 2026-03-01T00:00:00.000Z.',
  );
  // The same source needs no wish, and the same run can be shown again.
  expect((await publish(store, 2, { job: "daily", run: "r1" })).number).toBe(2);
  expect(store.ofRun("weekly", "r1")!.number).toBe(2);
  store.revoke("weekly");
  expect(store.ofRun("weekly", "r1")).toBeNull();
  now += 1000;
  expect((await publish(store, 3, other, true)).number).toBe(3);
  expect(store.find("weekly")).toMatchObject({ job: null, notebook: "b.nb.md", revokedAt: null });
  expect(store.begunAt("weekly")).toBe("2026-03-01T00:00:01.000Z");
  expect(store.ofJob("daily")).toEqual([]);
  expect(store.revisions("weekly").map(({ number }) => number)).toEqual([3]);
});

test("a run makes one revision however often it is published", async () => {
  const store = opened();
  await publish(store, 1, { job: "daily", run: "r1" });
  expect(store.ofRun("weekly", "r1")!.number).toBe(1);
  await expect(publish(store, 2, { job: "daily", run: "r1" })).rejects.toThrow(/UNIQUE/);
});

test("a withdrawn report shows nothing old, also when it is published again", async () => {
  const store = opened();
  await publish(store, 1);
  const { token } = store.links.make("weekly", { by: "test", lastsMillis: 1000 });
  expect(store.revoke("weekly")).toBe(true);
  expect(store.revoke("weekly")).toBe(false);
  expect(store.revision("weekly", "latest")).toBeNull();
  expect(await store.file("weekly", 1, "0/page.html")).toBeNull();
  expect(store.links.exchange("weekly", token)).toBeNull();
  await publish(store, 2);
  expect(store.revisions("weekly").map(({ number }) => number)).toEqual([2]);
  expect(store.links.exchange("weekly", token)).toBeNull();
});

test("a link opens its own slug until it expires or is revoked, and so do the browsers that came by it", async () => {
  const store = opened();
  await publish(store, 1);
  database.exec("INSERT INTO reports SELECT 'other', title, notebook, job, choices, made_millis, NULL FROM reports");
  const { link, token } = store.links.make("weekly", { by: "test", lastsMillis: 1000 });
  expect(token.split(".")[1]!.length * 6).toBeGreaterThanOrEqual(128);
  const kept = Buffer.from(
    JSON.stringify(database.prepare("SELECT * FROM report_links").all(), (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    ),
  );
  expect(kept.includes(token.split(".")[1]!)).toBe(false);
  expect(store.links.exchange("other", token)).toBeNull();
  for (const wrong of ["", ".", token.slice(0, -1), `${token.slice(0, -1)}x`, `${link.id}.`, token.toUpperCase()])
    expect(store.links.exchange("weekly", wrong === token ? "" : wrong)).toBeNull();
  const { cookie } = store.links.exchange("weekly", token)!;
  expect(store.links.reader("weekly", cookie)).toBe(link.id);
  expect(store.links.reader("other", cookie)).toBeNull();
  expect(store.links.reader("weekly", token)).toBeNull();
  now += 1000;
  expect(store.links.reader("weekly", cookie)).toBeNull();
  expect(store.links.exchange("weekly", token)).toBeNull();

  const second = store.links.make("weekly", { by: "test", lastsMillis: 1000 });
  const reader = store.links.exchange("weekly", second.token)!.cookie;
  store.links.revoke("weekly", second.link.id);
  expect(store.links.reader("weekly", reader)).toBeNull();
  expect(store.links.list("weekly").map(({ revokedAt }) => revokedAt !== null)).toEqual([true, false]);
});

test("a report of many revisions is listed, shown and followed without reading all of them", async () => {
  const store = opened();
  const made = await publish(store, 0.5);
  const insert = database.prepare("INSERT INTO report_revisions VALUES ('weekly', ?, 0, NULL, NULL, ?)");
  const due = (number: number): string => new Date(now + number * 3_600_000).toISOString();
  for (let number = 2; number <= 3000; number++)
    insert.run(number, JSON.stringify({ ...made, number, scheduledFor: due(number) }));
  const read = vi.spyOn(JSON, "parse");
  expect(store.count("weekly")).toBe(3000);
  expect(store.lastDue("weekly")).toBe(due(3000));
  expect(store.withChanges("weekly", made.headline)[0]!.change).toBe(0);
  expect(read.mock.calls.length).toBeLessThan(10);
  read.mockRestore();
});
