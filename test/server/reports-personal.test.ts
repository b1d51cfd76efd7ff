import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Published, ReportPreview } from "../../cells/wire/http-reports.ts";
import { queryable } from "../support/monitored-days.ts";
import { promote, runNow } from "../support/monitored-job.ts";
import { driftbook, startServer, type TestServer } from "../support/server.ts";
import { CARD_CONTRACT, decision } from "../support/workspace-folder.ts";

const NOTEBOOK = `---
driftbook: 1
---
The first is \${first}, of \${latest.numRows} rows; \${[...byCountry][0].accounts} accounts.

\`\`\`sql name=latest
SELECT account_id, country, score FROM card_fraud.decisions ORDER BY account_id
\`\`\`

\`\`\`sql name=byCountry
SELECT country, count(DISTINCT account_id) AS accounts FROM card_fraud.decisions GROUP BY 1
\`\`\`

\`\`\`ts name=ids
const all = [...latest].map((row) => ({ label: row.account_id, score: row.score }));
const first = all[0].label;
console.log(first);
all
\`\`\`

\`\`\`ts name=shown
display(all.map(({ label }) => label).join(", "));
display(md\`**\${first}**\`);
display(html\`<b>\${first}</b>\`);
display(Plot.plot({ marks: [Plot.text(all, { x: "score", y: "score", text: "label" })] }));
display(latest);
await sql\`SELECT upper(account_id) || '!' AS loud FROM card_fraud.decisions\`
\`\`\`

\`\`\`ts name=counts
\`\${latest.numRows} rows\`
\`\`\`

\`\`\`ts name=table
byCountry
\`\`\`

\`\`\`sql name=again
SELECT label AS x, count(*) AS n FROM all GROUP BY 1
\`\`\`
`;
const ASKED = `Of \${who}: \${asked.get(0).n}

\`\`\`yaml input name=who
type: text
\`\`\`

\`\`\`sql name=asked
SELECT count(*) AS n FROM card_fraud.decisions WHERE account_id = \${who}
\`\`\`
`;
/** A number that is an account, behind a name and beside one that counts. */
const DEFINED = `---
driftbook: 1
headline: [caught.latest, caught.accounts]
---
Of \${caught.accounts}: \${caught.latest}

\`\`\`yaml kpi name=caught
from: card_fraud
metrics: [alert_rate]
min_rows: 1
every: day
define:
  latest: max(CAST(substr(account_id, 6) AS INT)) * 10007
  accounts: count(DISTINCT account_id)
\`\`\`

\`\`\`sql name=read
SELECT value AS v FROM caught WHERE metric = 'latest'
\`\`\`

\`\`\`ts name=again
await kpi({ from: "card_fraud", metrics: ["alert_rate"], min_rows: 1, define: { last: "max(CAST(substr(account_id, 6) AS INT)) * 10007" } })
\`\`\`
`;
/** Accounts under names that no text ties to them: TypeScript gave one, a list of columns another, and a slice is made by hand. */
const RENAMED = `---
driftbook: 1
---
The first is \${[...starred][0].acct}.

\`\`\`sql name=latest
SELECT account_id, score FROM card_fraud.decisions
\`\`\`

\`\`\`ts name=people
[...latest].map((row) => ({ acct: row.account_id, score: row.score }))
\`\`\`

\`\`\`sql name=starred
SELECT * FROM people
\`\`\`

\`\`\`ts name=shown
starred
\`\`\`

\`\`\`yaml drift name=bins
from: people
reference: {from: people, where: score < 2}
columns: [acct]
min_rows: 1
\`\`\`

\`\`\`sql name=listed
WITH t(a, s) AS (SELECT account_id, score FROM card_fraud.decisions) SELECT a AS who, s AS value, 'review' AS d FROM t
\`\`\`

\`\`\`yaml drift name=slices
from: listed
reference: {from: listed, where: value < 2}
columns: [value]
by: who
min_rows: 1
\`\`\`

\`\`\`yaml kpi name=own
from: listed
columns: {decision: d}
metrics: [alert_rate]
min_rows: 1
define:
  last: max(CAST(substr(who, 6) AS INT)) * 10007
  whos: count(who)
\`\`\`

\`\`\`yaml drift name=direct
from: card_fraud.decisions
reference: {from: card_fraud.decisions, window: 2026-02}
window: 2026-03
columns: [score]
by: account_id
min_rows: 1
\`\`\`

\`\`\`sql name=read
SELECT slice, subject, details FROM slices
\`\`\`

\`\`\`sql name=made
SELECT 'account = ' || account_id AS slice, count(*) AS n FROM card_fraud.decisions GROUP BY 1
\`\`\`
`;
/** 4712 × 10007. */
const DEFINED_VALUE = /47[,.\s]?152[,.\s]?984/;
const IDS = ["acct-4711", "acct-4712"];
const HELD = /acct-471/i;

let server: TestServer;
beforeAll(async () => {
  const text = NOTEBOOK.replaceAll("FROM all", 'FROM "all"');
  server = await startServer({
    files: { "ids.nb.md": text, "asked.nb.md": ASKED, "defined.nb.md": DEFINED, "renamed.nb.md": RENAMED },
  });
  for (const [at, id] of IDS.entries())
    await server.ask("/api/streams/card_fraud/decisions", {
      method: "POST",
      json: [decision(`t-${at}`, { features: { account_id: id, amount: "1.00", country: "DE" } })],
    });
  await queryable(server, IDS.length);
  return () => server.stop();
});

const wish = { slug: "ids", notebook: "ids.nb.md" };
const names = ({ leftOut }: ReportPreview) => leftOut.map(({ cell }) => cell).sort();
const preview = (more: object = {}) =>
  server.ask<ReportPreview>("/api/reports/preview", { method: "POST", json: { notebook: "ids.nb.md", ...more } });

/** Every byte that a revision keeps, by its file. */
async function filesOf(slug: string): Promise<Map<string, string>> {
  const folder = path.join(server.folder, ".driftbook", "reports", slug);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const bytes = await readFile(path.join(parentPath, name));
        return [name, withAddressesRead(bytes.toString("utf8"))] as const;
      }),
    ),
  );
}

/** Pictures stand in pages as addresses. */
const withAddressesRead = (text: string): string =>
  text.replaceAll(/(?:%[0-9A-F]{2})+/g, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString("utf8"));

test("before publishing it is said what will be left out, from the texts alone; nothing is run", async () => {
  const before = await preview();
  expect(before.ran).toBe(false);
  expect(names(before)).toEqual(["again", "ids", "latest", null, "shown"]);
  expect(names(await preview({ personal: true, tables: "all" }))).toEqual([]);
  const { stdout, code } = await driftbook(["report", "publish", "ids.nb.md", "--slug", "ids", "--dry-run"], {
    cwd: server.folder,
  });
  expect([code, stdout]).toEqual([0, expect.stringContaining("Nothing was published.")]);
  expect(stdout).toContain("will be left out: the text, latest, ids, shown, again.");
  const refused = await server.request("/api/reports/preview", { method: "POST", json: {} });
  expect(refused.status).toBe(400);
});

test.each([{}, { showCode: true }, { tables: "all", showCode: true }])(
  "no byte of an account is in any file of a revision with %j",
  async (choices) => {
    const slug = `ids-${Object.keys(choices).length}`;
    const { revision } = await server.ask<Published>("/api/reports", {
      method: "POST",
      json: { ...wish, slug, ...choices },
    });
    const files = await filesOf(slug);
    expect([...files.keys()]).toContain("page.html");
    for (const [name, text] of files) expect([name, HELD.test(text)]).toEqual([name, false]);
    const page = files.get("page.html")!;
    // What counts is there: two rows, two accounts of a country.
    expect(page).toContain(">2</span> rows");
    expect(page).toContain("2 rows");
    expect(page).toContain('<td class="number">2</td>');
    expect(page).toContain('<p class="r-out">What shown shows is not part of this report.</p>');
    expect(revision.leftOut).toContain(
      "A value in the text is left out: it is made from latest, which has account_id.",
    );
  },
);

test("who chooses personal columns and single rows sees them", async () => {
  const { revision } = await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { ...wish, slug: "chosen", personal: true, tables: "all" },
  });
  expect(revision.leftOut).toEqual([]);
  const page = (await filesOf("chosen")).get("page.html")!;
  const exported = await driftbook(["export", "ids.nb.md", "--to", "md", "--personal"], { cwd: server.folder });
  expect(HELD.test(exported.stdout)).toBe(true);
  for (const words of ["The first is", "acct-4711, acct-4712", "ACCT-4711!"]) expect(page).toContain(words);
});

test.each(["html", "md", "ipynb"])("an export as %s holds none either, and says so at its place", async (to) => {
  const { stdout, code } = await driftbook(["export", "ids.nb.md", "--to", to, "--show-code"], { cwd: server.folder });
  expect([code, HELD.test(withAddressesRead(stdout))]).toEqual([0, false]);
  expect(stdout).toMatch(/What shown shows is (?:left out: it is made from|not part of this report)/);
});

test("an account that a report was asked for is in none of its files, nor in the address of a variant", async () => {
  const json = { slug: "asked", notebook: "asked.nb.md" };
  const { revision } = await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { ...json, set: { who: IDS[0] } },
  });
  expect(revision.variants).toEqual([{ who: "(left out)" }]);
  const files = await filesOf("asked");
  for (const [name, text] of files) expect([name, HELD.test(text)]).toEqual([name, false]);
  expect(files.get("page.html")).toContain(">1</span>");
  const varied = await server.request("/api/reports", { method: "POST", json: { ...json, variants: { who: IDS } } });
  expect([varied.status, await varied.json()]).toMatchObject([
    422,
    { detail: expect.stringContaining("variants: who is compared with a personal column"), hint: expect.any(String) },
  ]);
});

test("a value that a kpi defines by a personal column is left out wherever it stands, and a count stays", async () => {
  const json = { slug: "defined", notebook: "defined.nb.md", showCode: true, tables: "all" };
  const { revision } = await server.ask<Published>("/api/reports", { method: "POST", json });
  for (const [name, text] of await filesOf("defined")) expect([name, DEFINED_VALUE.test(text)]).toEqual([name, false]);
  expect(revision.headline).toMatchObject([{ name: "caught.accounts", value: 2, standing: "no-bound" }]);
  expect(revision.leftOut).toContain("Of caught latest is left out: it is defined by a personal column.");
  const shown = await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { ...json, slug: "defined-shown", personal: true },
  });
  expect(shown.revision.headline).toHaveLength(2);
  expect(DEFINED_VALUE.test((await filesOf("defined-shown")).get("page.html")!)).toBe(true);
});

test("an account under another name is in no file: as a bin, a slice, a row behind a star, or a value", async () => {
  const json = { slug: "renamed", notebook: "renamed.nb.md", showCode: true, tables: "all" };
  const { revision } = await server.ask<Published>("/api/reports", { method: "POST", json });
  const files = await filesOf("renamed");
  for (const [name, text] of files)
    expect([name, HELD.test(text), DEFINED_VALUE.test(text) || text.includes("47152984")]).toEqual([
      name,
      false,
      false,
    ]);
  // That it moved, and how many rows there are, is no account.
  expect(files.get("page.html")).toContain("PSI");
  expect(files.get("own.csv")).toContain("whos");
  expect(revision.leftOut).toContain("Of own last is left out: it is defined by a personal column.");
  await server.ask<Published>("/api/reports", {
    method: "POST",
    json: { ...json, slug: "renamed-shown", personal: true },
  });
  expect(HELD.test((await filesOf("renamed-shown")).get("page.html")!)).toBe(true);
});

test("a report of a job holds no account that the job's TypeScript prints, shows or measures", async () => {
  for (const [job, notebook] of [
    ["ids", "ids.nb.md"],
    ["defined", "defined.nb.md"],
  ] as const) {
    await promote(server, job, { run: notebook, schedule: "0 6 * * *" });
    const { run } = await runNow(server, job, { window: "2026" });
    expect(run.state).toBe("done");
    const { revision } = await server.ask<Published>("/api/reports", {
      method: "POST",
      json: { slug: `job-${job}`, job, run: run.id, showCode: true, tables: "all" },
    });
    expect(revision.source.run).toBe(run.id);
    const files = await filesOf(`job-${job}`);
    expect([...files.keys()]).toContain("page.html");
    for (const [name, text] of files)
      expect([name, HELD.test(text) || DEFINED_VALUE.test(text)]).toEqual([name, false]);
  }
}, 120_000);

test("a contract that is broken or gone since the run hides nothing of what it marked personal", async () => {
  const text = `---
driftbook: 1
---
\`\`\`sql name=accounts
SELECT account_id, country, count(*) AS n FROM card_fraud.decisions GROUP BY 1, 2
\`\`\`
`;
  await writeFile(path.join(server.folder, "accounts.nb.md"), text);
  await promote(server, "accounts", { run: "accounts.nb.md", schedule: "0 6 * * *" });
  const { run } = await runNow(server, "accounts", { window: "2026" });
  const contract = path.join(server.folder, "streams", "card_fraud.yaml");
  for (const change of ["broken", "gone"]) {
    await (change === "gone" ? rm(contract) : writeFile(contract, `${CARD_CONTRACT}  oops: [`));
    // Contracts are looked at twice a second.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const json = { slug: `accounts-${change}`, job: "accounts", run: run.id };
    const seen = await server.ask<ReportPreview>("/api/reports/preview", {
      method: "POST",
      json: { job: "accounts", run: run.id },
    });
    expect([change, names(seen)]).toEqual([change, ["accounts"]]);
    await server.ask<Published>("/api/reports", { method: "POST", json });
    for (const [name, page] of await filesOf(json.slug))
      expect([change, name, HELD.test(page)]).toEqual([change, name, false]);
  }
});
