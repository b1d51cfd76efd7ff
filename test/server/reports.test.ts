import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NewLink, Published, ReportDetail, ReportList } from "../../cells/wire/http-reports.ts";
import type { AuditEntry } from "../../cells/wire/http-settings.ts";
import { childProcesses } from "../support/child-processes.ts";
import { queryable } from "../support/monitored-days.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
title: Card fraud, weekly
headline: [load.rows, load.missing]
window: 2026-03
---
There were **\${[...total][0].n}** decisions; alerts above \${threshold}.

\`\`\`yaml input name=threshold
type: slider
default: 0.8
min: 0
max: 1
step: 0.1
\`\`\`

\`\`\`sql name=total
SELECT count(*) AS n, count(*) FILTER (WHERE score > \${threshold}) AS alerts FROM card_fraud.decisions
\`\`\`

\`\`\`sql name=latest
SELECT decision_id, account_id, score FROM card_fraud.decisions ORDER BY decided_at
\`\`\`

\`\`\`yaml check name=load
from: card_fraud
fail:
  rows: {min: 1}
\`\`\`

\`\`\`ts name=chart
Plot.plot({marks: [Plot.dot([[1, 2], [3, 4]])]})
\`\`\`
`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    files: {
      "weekly.nb.md": NOTEBOOK,
      "other.nb.md": "---\ndriftbook: 1\n---\nHello\n",
      "broken.nb.md": "```sql name=a\nSELECT nothing\n```\n",
    },
  });
  await ingest("t-1", 0.93);
  await ingest("t-2", 0.2);
});
afterAll(() => server?.stop());

let ingested = 0;
/** A run is as of what is loaded. */
const ingest = async (id: string, score: number): Promise<void> => {
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: [decision(id, { score })] });
  ingested += 1;
  await queryable(server, ingested);
};
const publish = (slug: string, more: Record<string, unknown> = {}) =>
  server.ask<Published>("/api/reports", { method: "POST", json: { slug, notebook: "weekly.nb.md", ...more } });
/** A browser that nobody knows. */
const stranger = (where: string, cookie = "") =>
  fetch(new URL(where, server.origin), { redirect: "manual", headers: cookie === "" ? {} : { cookie } });

test("a notebook becomes a revision with its facts, and the next one says what changed", async () => {
  const { revision, address } = await publish("weekly", { note: "first <b>look</b>", approvedBy: "Ada" });
  expect(address).toBe("/r/weekly/1");
  expect(revision).toMatchObject({
    number: 1,
    window: ["2026-03-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z"].map((text) =>
      expect.stringContaining(text.slice(0, 10)),
    ),
    rows: [{ stream: "card_fraud", decisions: 2, feedback: 0 }],
    note: "first <b>look</b>",
    approvedBy: "Ada",
    version: null,
    verdict: "ok",
    source: { notebook: "weekly.nb.md", job: null },
  });
  expect(revision.headline).toMatchObject([{ name: "load.rows", value: 2, before: null }]);
  expect(revision.leftOut).toEqual(["The table of latest is left out: it shows single rows."]);
  const answer = await server.request(address);
  const page = await answer.text();
  expect(answer.status).toBe(200);
  for (const words of [
    "<h1>Card fraud, weekly</h1>",
    "first &lt;b&gt;look&lt;/b&gt;",
    "Ada",
    "2 decisions, 0 feedback",
    "<strong>2</strong>".replace("<strong>2", ">2<"),
  ])
    expect(page).toContain(words.replace("</strong>", ""));
  for (const hidden of ["t-1", "a-7", "SELECT", "Plot.dot"]) expect(page).not.toContain(hidden);
  expect(answer.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; script-src 'sha256-[^ ]+'; .*frame-ancestors 'none'$/,
  );
  expect(answer.headers.get("x-robots-tag")).toContain("noindex");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");

  await ingest("t-3", 0.99);
  const second = await publish("weekly", { tables: "all", showCode: true, title: "Another title" });
  expect(second.revision.headline).toMatchObject([{ value: 3, before: { value: 2, verdict: "ok" }, change: 1 }]);
  const chosen = await (await server.request("/r/weekly")).text();
  for (const shown of ["t-1", "SELECT", "Plot.dot", "Another title"]) expect(chosen).toContain(shown);
  expect(chosen).not.toContain("a-7");
  // The first is what it was, but for the bar that says that there is a newer one.
  const again = await (await server.request(address)).text();
  const bare = (text: string) => text.replace(/<nav class="r-bar"[\s\S]*?<\/nav>/, "");
  expect(bare(again)).toBe(bare(page));
  expect(again).toContain('There is a newer revision: <a href="/r/weekly">revision 2</a>');
  const detail = await server.ask<ReportDetail>("/api/reports/weekly");
  expect(detail.revisions.map(({ number }) => number)).toEqual([2, 1]);
  expect(await (await server.request("/r/weekly/revisions")).text()).toContain("first &lt;b&gt;look&lt;/b&gt;");
});

test("tables are files, and the page is one file with them inside", async () => {
  const csv = await server.request("/r/weekly/1/tables/total.csv");
  expect(csv.headers.get("content-disposition")).toBe('attachment; filename="total.csv"');
  expect(await csv.text()).toBe("n,alerts\r\n2,1\r\n");
  expect(await (await server.request("/r/weekly/1/tables/total.json")).json()).toEqual([{ n: 2, alerts: 1 }]);
  const file = await server.request("/r/weekly/1/file");
  expect(file.headers.get("content-disposition")).toContain("weekly-1.html");
  expect(await file.text()).toContain('data-table="total">{"csv":"n,alerts');
  for (const name of ["latest.csv", "total.exe", "..%2Fpage.html", "%2e%2e%2f%2e%2e%2fmonitor.db", "total.csv%00"])
    expect([name, (await server.request(`/r/weekly/1/tables/${name}`)).status]).toEqual([name, 404]);
});

test("a link lets a stranger read one report until it is revoked, and leaves no token behind", async () => {
  await publish("private", {});
  const { link, address } = await server.ask<NewLink>("/api/reports/weekly/links", {
    method: "POST",
    json: { expires: "2d" },
  });
  const token = new URL(address, server.origin).searchParams.get("k")!;
  const came = await stranger(`/r/weekly/1?k=${token}&threshold=0.8`);
  expect(came.status).toBe(303);
  expect(came.headers.get("location")).toBe("/r/weekly/1?threshold=0.8");
  expect(came.headers.get("referrer-policy")).toBe("no-referrer");
  const set = came.headers.get("set-cookie")!;
  expect(set).toMatch(/^driftbook_report=[a-z0-9]+\.[\w-]+; Path=\/r\/weekly; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  const cookie = set.split(";")[0]!;
  expect(cookie).not.toContain(token);
  for (const where of [
    "/r/weekly",
    "/r/weekly/1",
    "/r/weekly/revisions",
    "/r/weekly/1/tables/total.csv",
    "/r/weekly/1/file",
  ])
    expect([where, (await stranger(where, cookie)).status]).toEqual([where, 200]);
  // Nothing else: no other report, no API.
  expect((await stranger("/r/private", cookie)).status).toBe(404);
  expect((await stranger(`/r/private?k=${token}`)).status).toBe(404);
  for (const where of ["/api/reports", "/api/reports/weekly", "/api/notebooks", "/openapi.json"])
    expect((await stranger(where, cookie)).status).toBe(401);
  const log = await readFile(path.join(server.folder, ".driftbook", "server.log"), "utf8").catch(() => "");
  expect(log + server.stderr()).not.toContain(token);

  await server.ask(`/api/reports/weekly/links/${link.id}`, { method: "DELETE" });
  expect((await stranger("/r/weekly", cookie)).status).toBe(404);
  expect((await stranger(`/r/weekly?k=${token}`)).status).toBe(404);
});

test("who may not read cannot tell whether there is a report", async () => {
  const wheres = [
    "/r/weekly",
    "/r/weekly/1",
    "/r/weekly/99",
    "/r/never",
    "/r/never/1",
    "/r/weekly?k=",
    "/r/never?k=abc.def",
    "/r/weekly/revisions",
    "/r/never/revisions",
    "/r/weekly/1/file",
    "/r/weekly/1/tables/total.csv",
    "/r/x..%2fy",
    "/r/weekly/0",
    "/r/weekly/1e0",
  ];
  const answers = await Promise.all(
    wheres.map(async (where) => {
      const answer = await stranger(where);
      const { "x-request-id": _request, date: _date, ...headers } = Object.fromEntries(answer.headers);
      return JSON.stringify([answer.status, headers, await answer.text()]);
    }),
  );
  for (const [at, answer] of answers.entries()) expect([wheres[at], answer]).toEqual([wheres[at], answers[0]]);
  expect(JSON.parse(answers[0]!)[0]).toBe(404);
});

test("who may read is told what is not there, and what is", async () => {
  const said = async (where: string, ask: (where: string) => Promise<Response> = (one) => server.request(one)) => {
    const answer = await ask(where);
    return [answer.status, await answer.text()];
  };
  const { revision } = await publish("absent");
  expect(await said("/r/absent/9")).toEqual([404, expect.stringContaining("Card fraud, weekly has no revision 9")]);
  expect((await said("/r/absent/9"))[1]).toContain('There is revision 1 alone: <a href="/r/absent">the newest</a>');
  expect(revision.number).toBe(1);
  await publish("absent");
  expect((await said("/r/absent/9"))[1]).toContain("There are revisions 1 to 2");
  expect((await said("/r/absent/1/tables/no.csv"))[1]).toContain("has nothing at this address");
  const { address } = await server.ask<NewLink>("/api/reports/absent/links", { method: "POST", json: {} });
  const cookie = (await stranger(address)).headers.get("set-cookie")!.split(";")[0]!;
  const [status, page] = await said("/r/absent/9", (where) => stranger(where, cookie));
  expect([status, page]).toEqual([404, expect.stringContaining("There are revisions 1 to 2")]);
  expect(page).not.toContain("/reports");
  expect(await said("/r/no-such")).toEqual([404, expect.stringContaining("There is no report “no-such”")]);
  await server.ask("/api/reports/absent", { method: "DELETE" });
  expect(await said("/r/absent/1")).toEqual([404, expect.stringContaining("Card fraud, weekly was withdrawn")]);
  // Whoever had a link hears no more of it than a stranger.
  expect(await said("/r/absent/1", (where) => stranger(where, cookie))).toEqual(await said("/r/absent/1", stranger));
});

test("reading starts no process and asks no engine", async () => {
  const before = childProcesses(server.process.pid!, "");
  const metrics = async () =>
    (await (await server.request("/metrics")).text())
      .split("\n")
      .filter((line) => /quer/i.test(line) && !line.startsWith("#"));
  const queries = await metrics();
  for (let i = 0; i < 20; i++) await (await server.request(`/r/weekly/${1 + (i % 2)}`)).text();
  expect(childProcesses(server.process.pid!, "").length).toBeLessThanOrEqual(before.length);
  expect(await metrics()).toEqual(queries);
});

test("lists of values become pages of their own, all of one moment", async () => {
  const { revision } = await publish("what-if", { variants: { threshold: [0.8, 0.1] } });
  expect(revision.variants).toEqual([{ threshold: 0.8 }, { threshold: 0.1 }]);
  const alerts = async (query: string) =>
    ((await (await server.request(`/r/what-if/1/tables/total.json${query}`)).json()) as { alerts: number }[])[0]!
      .alerts;
  expect([await alerts(""), await alerts("?threshold=0.8"), await alerts("?threshold=0.1")]).toEqual([2, 2, 3]);
  expect((await server.request("/r/what-if/1?threshold=0.5")).status).toBe(404);
  const page = await (await server.request("/r/what-if?threshold=0.1")).text();
  expect(page).toContain('href="/r/what-if/1?threshold=0.1" aria-current="page"');
  const many = await server.request("/api/reports", {
    method: "POST",
    json: {
      slug: "many",
      notebook: "weekly.nb.md",
      variants: { threshold: Array.from({ length: 25 }, (_, at) => at / 25) },
    },
  });
  expect([many.status, await many.json()]).toMatchObject([
    422,
    { detail: expect.stringContaining("25 pages; a report has at most 24") },
  ]);
});

test("what cannot be published is refused with a sentence and the next step", async () => {
  const refused = async (json: Record<string, unknown>) => {
    const answer = await server.request("/api/reports", { method: "POST", json });
    const { detail, hint } = (await answer.json()) as { detail: string; hint?: string };
    return [answer.status, detail, hint];
  };
  expect(await refused({ slug: "weekly", notebook: "other.nb.md" })).toEqual([
    409,
    'The report "weekly" exists and is of the notebook weekly.nb.md.',
    expect.stringContaining("another slug"),
  ]);
  expect(await refused({ slug: "broken", notebook: "broken.nb.md" })).toEqual([
    422,
    expect.stringMatching(/^The cell a failed: .*nothing/),
    expect.stringContaining("repair"),
  ]);
  expect((await refused({ slug: "gone", notebook: "gone.nb.md" }))[0]).toBe(404);
  expect(await refused({ slug: "x", notebook: "weekly.nb.md", tables: ["latset"] })).toEqual([
    422,
    'tables: there is no cell "latset" in weekly.nb.md.',
    expect.stringContaining("Name cells"),
  ]);
  expect((await refused({ slug: "../x", notebook: "other.nb.md" }))[0]).toBe(400);
  expect((await refused({ slug: "x" }))[0]).toBe(400);
  expect(await refused({ slug: "x", job: "no-job" })).toEqual([
    404,
    'There is no job "no-job".',
    "The workspace has no jobs yet.",
  ]);
  expect(await refused({ slug: "x", notebook: "weekly.nb.md", set: { nope: 1 } })).toEqual([
    422,
    expect.stringContaining('no input "nope"'),
    undefined,
  ]);
});

test("a withdrawn report is gone for everyone, and its files do not come back with the next one", async () => {
  await publish("leak", {});
  const { address } = await server.ask<NewLink>("/api/reports/leak/links", { method: "POST", json: {} });
  const cookie = (await stranger(address)).headers.get("set-cookie")!.split(";")[0]!;
  expect((await stranger("/r/leak", cookie)).status).toBe(200);
  await server.ask("/api/reports/leak", { method: "DELETE" });
  expect((await server.request("/r/leak")).status).toBe(404);
  expect((await stranger("/r/leak", cookie)).status).toBe(404);
  expect((await publish("leak", {})).revision.number).toBe(2);
  expect((await server.request("/r/leak/1")).status).toBe(404);
  expect((await server.request("/r/leak/2")).status).toBe(200);
});

test("a backup holds the pages of reports", async () => {
  await driftbook(["backup", "all.tar"], { cwd: server.folder });
  await driftbook(["restore", "all.tar", "restored"], { cwd: server.folder });
  const restored = await startServer({ folder: path.join(server.folder, "restored") });
  const page = async (from: TestServer) => (await from.request("/r/weekly/1")).text();
  expect(await page(restored)).toBe(await page(server));
  await restored.stop();
  for (const left of ["all.tar", "restored"]) await rm(path.join(server.folder, left), { recursive: true });
});

test("a withdrawn address says whose it was, and is taken over only where that is asked for, which is audited", async () => {
  await publish("former");
  await server.ask("/api/reports/former", { method: "DELETE" });
  const json = { slug: "former", notebook: "other.nb.md" };
  const refused = await server.request("/api/reports", { method: "POST", json });
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    {
      detail: expect.stringMatching(/^The report "former" was of the notebook weekly\.nb\.md and was withdrawn at 20/),
      hint: expect.stringContaining("--take-over"),
    },
  ]);
  const args = ["report", "publish", "other.nb.md", "--slug", "former", "--take-over"];
  expect((await driftbook(args, { cwd: server.folder })).code).toBe(0);
  const { report, revisions } = await server.ask<ReportDetail>("/api/reports/former");
  expect([report.notebook, revisions.map(({ number }) => number)]).toEqual(["other.nb.md", [2]]);
  const { entries } = await server.ask<{ entries: object[] }>("/api/audit");
  expect(entries).toContainEqual(expect.objectContaining({ action: "take over report", target: "former" }));
});

test("the audit log holds what a revision was published with: who approved it, its note, its variants, what is shown", async () => {
  const set = { threshold: [0.8, 0.9] };
  await publish("told", { note: "after the incident", approvedBy: "Ada", variants: set, showCode: true });
  await server.ask("/api/reports/told", { method: "DELETE" });
  const { entries } = await server.ask<{ entries: AuditEntry[] }>("/api/audit");
  expect(entries.slice(0, 2)).toMatchObject([
    { action: "withdraw report", target: "told", details: { number: 1 } },
    {
      action: "publish report",
      target: "told",
      details: {
        ...{ number: 1, notebook: "weekly.nb.md", job: null, version: null },
        ...{ note: "after the incident", approvedBy: "Ada", showCode: true, personal: false },
        variants: [{ threshold: 0.8 }, { threshold: 0.9 }],
      },
    },
  ]);
});

test("the command line publishes, lists, links, revokes and exports", async () => {
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await driftbook(words, { cwd: server.folder });
    expect([words, code, stderr]).toEqual([words, 0, expect.anything()]);
    return stdout;
  };
  expect(await run("report", "publish", "other.nb.md", "--slug", "hello", "--note", "hi", "--json")).toContain(
    '"number":1',
  );
  expect(await run("report", "list")).toMatch(/hello .*other\.nb\.md/);
  const linked = await run("report", "link", "hello", "--expires", "1d");
  expect(linked).toMatch(/\/r\/hello\?k=\w+\.\S+/);
  const links = JSON.parse(await run("report", "link", "hello", "--list", "--json")) as { id: string }[];
  await run("report", "revoke", "hello", "--link", links[0]!.id);
  await run("report", "withdraw", "hello");
  const { reports } = await server.ask<ReportList>("/api/reports");
  expect(reports.find(({ slug }) => slug === "hello")!.revokedAt).not.toBeNull();

  const html = path.join(server.folder, "out.html");
  await run("export", "weekly.nb.md", "--to", "html", "--out", html);
  expect(await readFile(html, "utf8")).toContain("<h1>Card fraud, weekly</h1>");
  await rm(html);
  const markdown = await run("export", "weekly.nb.md", "--to", "md", "--show-code");
  expect(markdown).toContain("# Card fraud, weekly");
  expect(markdown).toContain("| n | alerts |");
  expect(markdown).not.toContain("t-1");
  const notebook = JSON.parse(await run("export", "weekly.nb.md", "--to", "ipynb")) as {
    nbformat: number;
    nbformat_minor: number;
    cells: { cell_type: string; id: string; outputs?: { data: Record<string, unknown> }[] }[];
  };
  expect([notebook.nbformat, notebook.nbformat_minor]).toEqual([4, 5]);
  const saved = path.join(server.folder, "weekly.ipynb");
  await writeFile(saved, JSON.stringify(notebook));
  expect(await run("import", "weekly.ipynb", "--as", "again.nb.md")).toContain("again.nb.md: 6 cells.");
  const back = await readFile(path.join(server.folder, "again.nb.md"), "utf8");
  for (const line of ["```sql name=total", "```yaml check name=load", "title: Card fraud, weekly"])
    expect(back).toContain(line);
  const { code, stderr } = await driftbook(["import", "weekly.ipynb", "--as", "other.nb.md"], { cwd: server.folder });
  expect([code, stderr]).toEqual([2, expect.stringContaining("other.nb.md")]);
  expect(notebook.cells.map(({ cell_type }) => cell_type)).toContain("code");
  expect(notebook.cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ data }) => Object.keys(data)))).toContain(
    "image/svg+xml",
  );
});

test("what is named and is neither a notebook nor a job is answered with what there is", async () => {
  const refused = async (name: string) => {
    const args = ["report", "publish", name, "--slug", "no"];
    const { code, stderr } = await driftbook(args, { cwd: server.folder });
    return [code, stderr];
  };
  const none = 'There is no job "xyzzy", and no notebook xyzzy.nb.md. There are ';
  expect(await refused("xyzzy")).toEqual([2, expect.stringContaining(none)]);
  expect(await refused("xyzzy")).toEqual([
    2,
    expect.stringMatching(/broken\.nb\.md, other\.nb\.md.* and weekly\.nb\.md\./),
  ]);
  expect(await refused("wekly")).toEqual([2, expect.stringContaining("Did you mean weekly.nb.md?")]);
  const beside = /^(?:driftbook: )?There is no notebook "xyzzy\.nb\.md"\. There are .*weekly\.nb\.md\./;
  expect(await refused("xyzzy.nb.md")).toEqual([2, expect.stringMatching(beside)]);
});

test("the command line shows of each revision who approved it, its variants, and verdicts that changed", async () => {
  const bounded = (least: number) =>
    writeFile(
      path.join(server.folder, "bounded.nb.md"),
      NOTEBOOK.replace("title: Card fraud, weekly", "title: Bounded").replace(
        "rows: {min: 1}",
        `rows: {min: ${least}}`,
      ),
    );
  await bounded(1000);
  await publish("bounded", { notebook: "bounded.nb.md", note: "too few" });
  await bounded(1);
  await publish("bounded", { notebook: "bounded.nb.md", approvedBy: "Ada", variants: { threshold: [0.8, 0.9] } });
  const { stdout } = await driftbook(["report", "show", "bounded"], { cwd: server.folder });
  expect(stdout).toMatch(
    /^Bounded at \/r\/bounded\n2 {2}\S.* · ok · window 1–31 Mar 2026 · as of .* · approved by Ada\n/,
  );
  expect(stdout).toContain("\n  variants threshold 0.8; threshold 0.9\n  Rows of load 3 ok (unchanged, was fail)\n");
  expect(stdout).toMatch(/\n1 {2}.* · fail · .*\n {2}too few\n {2}Rows of load 3 fail \(new\)\n/);
});

test("the head says the windows that were measured, and the lists of revisions say the same", async () => {
  const text = `---\ndriftbook: 1\nwindow: 2026-03\n---\n${["a", "b"].map(checkOver).join("\n")}`;
  await writeFile(path.join(server.folder, "own.nb.md"), text);
  const { revision } = await publish("own", { notebook: "own.nb.md" });
  expect(revision.measured.map(({ cell }) => cell)).toEqual(["a", "b"]);
  const words = "each cell its own: a 1–31 Mar 2026; b 1–28 Feb 2026";
  for (const page of ["/r/own/1", "/r/own/revisions"])
    expect(await (await server.request(page)).text()).toContain(words);
  const { stdout } = await driftbook(["report", "show", "own"], { cwd: server.folder });
  expect(stdout).toContain(words);
});

/** The second has a window of its own. */
const checkOver = (name: string): string =>
  `\`\`\`yaml check name=${name}\nfrom: card_fraud\n${name === "b" ? "window: 2026-02\n" : ""}fail:\n  rows: {min: 0}\n\`\`\`\n`;
