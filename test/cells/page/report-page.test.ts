import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { nearestHit } from "../../../cells/charts/hits.ts";
import { parseDocument } from "../../../cells/document/parse-document.ts";
import type { PageTable } from "../../../cells/page/page-parts.ts";
import { asOneFile, reportPage, withServed } from "../../../cells/page/report-page.ts";
import { REPORT_POLICY, REPORT_SCRIPT } from "../../../cells/page/report-script.ts";
import type { Display } from "../../../cells/results/display.ts";
import { openSession } from "../../../cells/session/open-session.ts";
import type { CellRun } from "../../../cells/session/state.ts";
import type { ReportChoices } from "../../../cells/wire/http-reports.ts";
import { check, drift, kpi } from "../views/sample-displays.ts";

const EVIL = `</script><script>fetch("/api/keys")</script><img src=x onerror=alert(1)>"'&`;

interface Sample {
  readonly text: string;
  readonly displays?: Readonly<Record<string, readonly Display[]>>;
  readonly tables?: Readonly<Record<string, PageTable>>;
  readonly choices?: Partial<ReportChoices>;
  readonly title?: string;
  readonly relations?: Readonly<Record<string, readonly string[]>>;
  /** Names that cells read. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
  readonly texts?: readonly string[];
}

function pageOf({ text, displays = {}, tables = {}, choices = {}, title = "Weekly", ...more }: Sample) {
  const { relations = {}, reads = {}, texts = [] } = more;
  const { document } = parseDocument(`---\ndriftbook: 1\n---\n${text}\n`);
  const { state } = openSession("a.nb.md", document, null);
  const logs = [{ stream: "out", text: "a log" }];
  const runs: Record<string, CellRun> = Object.fromEntries(
    Object.entries(displays).map(([cell, shown]) => [
      cell,
      { displays: shown, logs, error: null, result: null } as unknown as CellRun,
    ]),
  );
  for (const { id, kind } of document.cells)
    if (kind === "prose") runs[id] = { displays: [], logs: [], error: null, result: { texts } } as unknown as CellRun;
  const analyses = Object.fromEntries(
    document.cells.map(({ id, name }) => [
      id,
      {
        ...{ relations: relations[id] ?? [], reads: reads[id] ?? [], sourceHash: "", problem: null },
        defines: name === null ? [] : [name],
      },
    ]),
  );
  return reportPage({
    state: { ...state, runs, analyses: analyses as never },
    tables: new Map(Object.entries(tables)),
    about: {
      askedFor: null,
      measured: [],
      title,
      zone: "UTC",
      revision: 3,
      source: "a.nb.md",
      set: { threshold: EVIL },
      madeAt: "2026-03-01T06:00:00.000Z",
      window: ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"],
      asOf: "2026-03-01T05:00:00Z",
      version: { number: 2, hash: "abcdef0123456789" },
      rows: [{ stream: "card_fraud", decisions: 300_000, feedback: 12_000 }],
      note: EVIL,
      approvedBy: EVIL,
      verdict: "ok",
      headline: [],
    },
    choices: { showCode: false, tables: "aggregates", personal: false, ...choices },
    contractColumns: { personal: new Set(["account_id"]), open: new Set(["country"]) },
    draw: (_, width) => ({
      svg: `<svg width="${width}" height="9"></svg>`,
      hits: {
        marks: [
          {
            mark: "dot",
            channels: [{ name: "title", label: "" }],
            x: [1],
            y: [1],
            by: "x",
            values: [[EVIL]],
            colors: [null],
          },
        ],
        cut: false,
      },
    }),
    address: (table, format) => `/r/weekly/3/tables/${table}.${format}`,
  });
}

const table = (names: readonly string[], row: Readonly<Record<string, unknown>>): PageTable => ({
  columns: names.map((name) => ({ name, type: "VARCHAR" })),
  rows: [row],
  rowCount: 1,
});
const SQL = (name: string, sql: string): string => `\`\`\`sql name=${name}\n${sql}\n\`\`\``;

test("a page has one script of its own, which its policy allows by digest, and nothing of a cell's becomes markup", async () => {
  const { html, tables } = pageOf({
    title: EVIL,
    text: `# ${EVIL}\n\n\`\`\`ts name=a\n${EVIL}\n\`\`\`\n\n${SQL("t", `SELECT count(*) AS "${EVIL}" FROM s`)}`,
    displays: {
      a: [
        { type: "text", text: EVIL, cut: EVIL },
        { type: "markdown", markdown: EVIL },
        { type: "html", html: EVIL },
        { type: "error", name: EVIL, message: EVIL, stack: EVIL },
        {
          type: "chart",
          svg: `<svg>${EVIL}</svg>`,
          hits: {
            marks: [
              {
                mark: "dot",
                channels: [{ name: "x", label: EVIL }],
                x: [1],
                y: [1],
                by: "x",
                values: [[EVIL]],
                colors: [null],
              },
            ],
            cut: false,
          },
          width: 100,
          height: 50,
          title: EVIL,
          subtitle: EVIL,
          caption: EVIL,
          legends: [{ type: "swatches", label: EVIL, items: [{ color: EVIL, text: EVIL }] }],
        },
        drift,
      ],
    },
    tables: { t: { columns: [{ name: EVIL, type: "VARCHAR" }], rows: [{ [EVIL]: EVIL }], rowCount: 1 } },
    // What is no TypeScript would be left out for what it may hold.
    choices: { showCode: true, personal: true },
  });
  const file = asOneFile(html, tables);
  expect(html).toContain("<iframe");
  for (const text of [html, file]) {
    const { document } = parseHTML(text);
    const scripts = [...document.querySelectorAll("script")];
    const running = scripts.filter((script) => script.getAttribute("type") !== "application/json");
    expect(running.map(({ textContent }) => textContent)).toEqual([REPORT_SCRIPT]);
    for (const script of scripts) if (script !== running[0]) JSON.parse(script.textContent);
    for (const element of document.querySelectorAll("*"))
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/);
        if (name === "href" || name === "src") expect(value).toMatch(/^(data:image\/|\/r\/weekly\/|#)/);
      }
  }
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(REPORT_SCRIPT))).toString(
    "base64",
  );
  expect(REPORT_POLICY).toContain(`script-src 'sha256-${digest}'`);
  expect(REPORT_POLICY).toMatch(/^default-src 'none';/);
  expect(REPORT_POLICY).not.toMatch(/script-src[^;]*unsafe|https?:|connect-src/);
  expect(html).toContain(`content="${REPORT_POLICY.replaceAll('"', "&quot;")}"`);
});

test("what a cell writes cannot stand where the served bar or the data will be", () => {
  const { html, tables } = pageOf({ title: "<!--served--><!--data-->", text: "<!--served--> <!--data-->" });
  const served = withServed(html, "<nav>bar</nav>");
  expect(served.indexOf("<nav>bar</nav>")).toBeLessThan(served.indexOf("<header"));
  expect(asOneFile(html, tables)).not.toContain("<!--served-->");
});

test("code, logs and the SQL that was asked are shown only where chosen", () => {
  const sample: Sample = { text: "```ts name=a\nsecretName()\n```", displays: { a: [kpi, drift, check] } };
  const hidden = pageOf(sample).html;
  for (const code of ["secretName", "a log", drift.statements[0]!.sql.slice(0, 20)]) expect(hidden).not.toContain(code);
  const shown = pageOf({ ...sample, choices: { showCode: true } }).html;
  for (const code of ["secretName", "a log"]) expect(shown).toContain(code);
});

test("a chart as wide as the page is drawn once more for phones, with points of its own; smaller ones are not", () => {
  const { document } = parseHTML(pageOf({ text: "```ts name=a\n1\n```", displays: { a: [kpi, drift] } }).html);
  const drawn = (selector: string) =>
    [...document.querySelectorAll(selector)].map((one) => one.getAttribute("data-width"));
  expect(new Set(drawn(".r-wide > .tipped"))).toEqual(new Set(["788"]));
  expect(new Set(drawn(".r-narrow > .tipped"))).toEqual(new Set(["360"]));
  expect(drawn(".r-wide > .tipped")).toHaveLength(drawn(".r-narrow > .tipped").length);
  expect(new Set(drawn("figure > .tipped"))).toEqual(new Set(["252", "380"]));
  const ids = [...document.querySelectorAll(".tipped")].map((one) => one.getAttribute("data-chart"));
  expect(new Set(ids).size).toBe(ids.length);
});

test("how checks stood in the notebook before is none of a report's business", () => {
  const [first, ...more] = check.checks;
  const before = { verdict: "fail", reading: "r0" } as const;
  const since = { asOf: "2026-02-27T02:20:00Z", window: null };
  const earlier = { ...check, since, checks: [{ ...first!, before }, ...more] };
  const { html } = pageOf({ text: "```ts name=a\n1\n```", displays: { a: [earlier] } });
  expect(html).toContain("m-check");
  expect(html).not.toMatch(/Since 27 Feb|was fail/);
});

test("tables of single rows stay out unless they are chosen, aggregates are in, as CSV and JSON too", () => {
  const rows = {
    text: SQL("rows", "SELECT score FROM card_fraud.decisions"),
    tables: { rows: table(["score"], { score: "0.123" }) },
    relations: { rows: ["card_fraud.decisions"] },
  };
  const out = pageOf(rows);
  expect(out.html).not.toContain("0.123");
  expect(out.tables).toEqual([]);
  expect(out.leftOut).toEqual(["The table of rows is left out: it shows single rows."]);
  // What an author can do about it is nothing for readers, and nothing is said twice.
  expect(out.html).not.toMatch(/Aggregate it|single rows/);
  expect(out.html.split("The table of rows is not part of this report.")).toHaveLength(2);
  expect(pageOf({ ...rows, choices: { tables: ["rows"] } }).html).toContain("0.123");
  expect(pageOf({ ...rows, choices: { tables: ["other"] } }).html).not.toContain("0.123");
  const byId = {
    text: SQL("d", "SELECT decision_id, count(*) AS n FROM s GROUP BY 1"),
    tables: { d: table(["decision_id"], { decision_id: "t-81" }) },
  };
  expect(pageOf(byId).html).not.toContain("t-81");
  const aggregate = pageOf({
    text: SQL("daily", "SELECT day, count(*) AS n FROM s GROUP BY day"),
    tables: { daily: table(["day", "n"], { day: "=1+1", n: "7" }) },
  });
  expect(aggregate.html).toContain('href="/r/weekly/3/tables/daily.csv"');
  expect(aggregate.tables).toEqual([
    { name: "daily", csv: "day,n\r\n'=1+1,7\r\n", json: '[{"day":"=1+1","n":"7"}]\n' },
  ]);
  expect(asOneFile(aggregate.html, aggregate.tables)).toContain('class="table-data" data-table="daily"');
});

test("personal columns stay out, under their own name, under another and through another cell", () => {
  const sample: Sample = {
    text: [
      SQL("own", "SELECT account_id, score FROM s"),
      SQL("other", "SELECT account_id AS who, score FROM s"),
      SQL("next", "SELECT who, score FROM other"),
      SQL("parts", "SELECT s AS whole, extra FROM s"),
      SQL("pivoted", "PIVOT s ON account_id USING count(*)"),
      "```yaml drift name=moved\nfrom: s\n```",
      "```ts name=code\n1\n```",
    ].join("\n\n"),
    tables: {
      own: table(["account_id", "score"], { account_id: "a-7", score: "1" }),
      other: table(["who", "score"], { who: "a-7", score: "1" }),
      next: table(["Who", "score"], { Who: "a-7", score: "1" }),
      parts: {
        columns: [
          { name: "whole", type: "STRUCT(account_id VARCHAR)" },
          { name: "extra", type: "VARCHAR" },
        ],
        rows: [{ whole: { account_id: "a-7" }, extra: "a-7" }],
        rowCount: 1,
      },
      moved: {
        ...table(["subject", "slice", "reason", "details", "value"], {}),
        rows: [
          { subject: "account_id", slice: null, reason: "a-7 is new", details: '{"labels":["a-7"]}', value: 1 },
          { subject: "score", slice: "account_id = a-7", reason: null, details: "{}", value: 2 },
        ],
        rowCount: 2,
      },
      pivoted: table(["a-7"], { "a-7": 1 }),
    },
    displays: {
      code: [
        { type: "table", columns: [{ name: "account_id", type: "", numeric: false }], rows: [["a-7"]], rowCount: 1 },
        {
          type: "tree",
          cut: null,
          tree: {
            type: "group",
            label: "",
            open: "{",
            more: 0,
            entries: [["account_id", { type: "leaf", kind: "string", text: "a-7" }]],
          },
        },
        {
          type: "chart",
          svg: "<svg>a-7</svg>",
          hits: {
            marks: [
              {
                mark: "dot",
                channels: [{ name: "x", label: "account_id →" }],
                x: [1],
                y: [1],
                by: "x",
                values: [["a-7"]],
                colors: [null],
              },
            ],
            cut: false,
          },
          width: 1,
          height: 1,
          title: null,
          subtitle: null,
          caption: null,
          legends: [],
        },
        {
          ...drift,
          subjects: [
            {
              ...drift.subjects[0]!,
              subject: "account_id",
              kind: "categorical",
              bins: {
                ...drift.subjects[0]!.bins,
                edges: null,
                labels: ["a-7", "a-8"],
                reference: [0.5, 0.5],
                current: [0.5, 0.5],
              },
              slices: [{ slice: "account_id = a-7", value: 1, n: 1, verdict: "ok" }],
            },
          ],
        },
        { ...kpi, slices: [{ slice: "account_id = a-7", values: kpi.values }] },
        {
          ...check,
          checks: [
            { ...check.checks[0]!, title: "values account_id", found: "a-7 twice", rows: [{ account_id: "a-7" }] },
          ],
        },
      ],
    },
  };
  for (const tables of ["aggregates", "all"] as const) {
    const { html, tables: files } = pageOf({ ...sample, choices: { tables } });
    expect(html).not.toContain("a-7");
    expect(JSON.stringify(files)).not.toContain("a-7");
  }
  expect(pageOf({ ...sample, choices: { tables: "all", personal: true } }).html).toContain("a-7");
});

test("what TypeScript and prose make of a personal column is left out at its place, and readers hear no more than that", () => {
  const sample: Sample = {
    text: `${SQL("latest", "SELECT account_id, score FROM s")}\n\n\`\`\`ts name=ids\n[...latest]\n\`\`\`\n\nFirst \${ids[0]} of \${latest.length}`,
    displays: {
      ids: [
        { type: "text", text: "a-7", cut: null },
        { type: "markdown", markdown: "a-7" },
        { type: "html", html: "a-7" },
        { type: "image", mime: "image/png", base64: "a-7" },
        { type: "error", name: "Error", message: "a-7", stack: "a-7" },
      ],
    },
    reads: { ids: ["latest"] },
    texts: ["a-7", "7777"],
  };
  const { html, leftOut } = pageOf(sample);
  expect(html).not.toContain("a-7");
  expect(html).toContain('First <span class="expression">(left out)</span> of <span class="expression">7777</span>');
  expect(html.match(/<p class="r-out">.*?<\/p>/g)).toEqual([
    '<p class="r-out">What ids shows is not part of this report.</p>',
    '<p class="r-out">A value in the text is not part of this report.</p>',
  ]);
  expect(html).not.toContain("account_id");
  expect(leftOut).toEqual([
    "What ids shows is left out: it is made from latest, which has account_id.",
    "A value in the text is left out: it is made from latest, which has account_id.",
  ]);
  // What it logs may quote them also where the code is shown.
  const shown = pageOf({ ...sample, choices: { showCode: true } }).html;
  expect(shown).toContain("[...latest]");
  expect(shown).not.toMatch(/a log|a-7/);
  const chosen = pageOf({ ...sample, choices: { personal: true, showCode: true } });
  expect(chosen.html).toContain("a log");
  expect([chosen.html.split("a-7").length > 5, chosen.leftOut]).toEqual([true, []]);
});

test("a table that TypeScript displays is one of single rows unless all it reads aggregates", () => {
  const list = (key: string): Display => ({
    type: "tree",
    cut: null,
    tree: {
      ...{ type: "group", label: "Array(1)", open: "[", more: 0 },
      entries: [
        [
          "0",
          {
            type: "group",
            label: "",
            open: "{",
            more: 0,
            entries: [[key, { type: "leaf", kind: "number", text: "0.123" }]],
          },
        ],
      ],
    },
  });
  const arrow: Display = {
    ...{ type: "table", columns: [{ name: "m", type: "DOUBLE", numeric: true }], rows: [["0.123"]], rowCount: 1 },
  };
  const shows = (sql: string, display: Display, choices: Partial<ReportChoices> = {}): boolean =>
    pageOf({
      text: `${SQL("source", sql)}\n\n\`\`\`ts name=mid\nconst t = [...source]\n\`\`\`\n\n\`\`\`ts name=view\nmid\n\`\`\``,
      displays: { view: [display] },
      relations: { source: ["card_fraud.decisions"] },
      reads: { mid: ["source"], view: ["mid"] },
      choices,
    }).html.includes("0.123");
  for (const display of [list("m"), arrow]) {
    expect(shows("SELECT score AS m FROM card_fraud.decisions", display)).toBe(false);
    expect(shows("SELECT score AS m FROM card_fraud.decisions", display, { tables: ["view"] })).toBe(true);
    expect(shows("SELECT country, avg(score) AS m FROM card_fraud.decisions GROUP BY 1", display)).toBe(true);
  }
  expect(shows("SELECT count(*) AS m FROM card_fraud.decisions", list("decision_id"))).toBe(false);
  const own = (source: string): boolean =>
    pageOf({ text: `\`\`\`ts name=view\n${source}\n\`\`\``, displays: { view: [arrow] } }).html.includes("0.123");
  expect(own("[{ m: 0.123 }]")).toBe(true);
  expect(own("await sql`SELECT score FROM card_fraud.decisions`")).toBe(false);
  expect(own("await sql`SELECT avg(score) AS m FROM card_fraud.decisions`")).toBe(true);
  expect(own("await (await fetch('https://x.test')).json()")).toBe(false);
});

test("an input that is compared with a personal column keeps its value out of head and prose", () => {
  const sample: Sample = {
    text: `\`\`\`yaml input name=threshold\ntype: text\n\`\`\`\n\n${SQL("n", "SELECT count(*) AS n FROM s WHERE account_id = ${threshold}")}\n\nOf \${threshold}`,
    texts: ["a-7"],
    reads: { n: ["threshold"] },
  };
  const headOf = (html: string) => /<dt>threshold<\/dt><dd>([^<]*)/.exec(html)?.[1];
  const { html } = pageOf(sample);
  expect([headOf(html), html.includes("a-7")]).toEqual(["(left out)", false]);
  const chosen = pageOf({ ...sample, choices: { personal: true } }).html;
  expect([headOf(chosen)?.includes("onerror"), chosen.includes("a-7")]).toEqual([true, true]);
});

test("a reason quotes no value, also where a column is called by its expression", () => {
  const sample: Sample = {
    text: `${SQL("latest", "SELECT account_id = 'a-7' FROM s")}\n\n\`\`\`ts name=ids\n[...latest]\n\`\`\``,
    displays: { ids: [{ type: "text", text: "shown", cut: null }] },
    tables: { latest: table(["(account_id = 'a-7')"], { "(account_id = 'a-7')": true }) },
    reads: { ids: ["latest"] },
    choices: { tables: "all" },
  };
  const { html, leftOut } = pageOf(sample);
  expect(html).not.toContain("a-7");
  expect(leftOut).toContain("What ids shows is left out: it is made from latest, which has a personal column.");
  expect(html).toContain("What ids shows is not part of this report.");
});

test("readings that SQL selects keep their slices, save those that name values of a personal column", () => {
  const sliced = (sql: string, ...slices: (string | null)[]): string =>
    pageOf({
      text: [SQL("kept", "SELECT * FROM monitor.readings"), SQL("r", sql)].join("\n\n"),
      reads: { r: ["kept"] },
      tables: {
        r: {
          columns: ["slice", "value"].map((name) => ({ name, type: "VARCHAR" })),
          rows: slices.map((slice) => ({ slice, value: slice === null ? "whole" : "part" })),
          rowCount: slices.length,
        },
      },
      choices: { tables: "all" },
    }).html;
  const html = sliced("SELECT slice, value FROM monitor.readings", "account_id = a-7", "country = DE", null);
  expect([html.includes("a-7"), html.includes("country = DE"), html.includes("whole")]).toEqual([false, true, true]);
  expect(sliced("SELECT account_id AS slice, value FROM s", "a-7")).not.toContain("a-7");
  // Another notebook may have called an account anything; this one's own slices are followed.
  for (const relation of ["monitor.readings", '"Monitor"."readings"', "monitor.alerts AS a JOIN s ON true"])
    expect(sliced(`SELECT slice, value FROM ${relation}`, "acct = a-7", "country = DE")).not.toContain("a-7");
  expect(sliced("SELECT slice, value FROM scores", "band = high")).toContain("band = high");
  expect(sliced("SELECT slice, value FROM kept", "band = high", "country = DE")).not.toContain("band = high");
});

test("the head says window, as-of, when it was made, version and rows", () => {
  const { html } = pageOf({ text: "Hello" });
  for (const words of [
    "1–28 Feb 2026",
    "1 Mar 2026, 05:00",
    "1 Mar 2026, 06:00",
    "v2",
    "abcdef012345",
    "300,000 decisions, 12,000 feedback",
  ])
    expect(html).toContain(words);
  for (const landmark of ["<header", "<main", "<footer", "<h1>"]) expect(html.split(landmark)).toHaveLength(2);
});

test("the page's own search for the point under the pointer finds what the client's does", () => {
  const nearest = new Function("document", `${REPORT_SCRIPT}; return nearest;`)(undefined) as (
    table: unknown,
    x: number,
    y: number,
  ) => { mark: { mark: string; x: number[]; y: number[] }; at: number } | null;
  const place = fc.integer({ min: 0, max: 120 });
  const mark = fc
    .tuple(
      fc.array(fc.tuple(place, place), { maxLength: 8 }),
      fc.constantFrom("x" as const, "y" as const, "both" as const),
      fc.string(),
    )
    .map(([points, by, name]) => ({
      mark: name,
      channels: [],
      x: points.map(([x]) => x),
      y: points.map(([, y]) => y),
      by,
      values: points.map(() => []),
      colors: points.map(() => null),
    }));
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 3 }), place, place, (marks, x, y) => {
      const table = { marks, cut: false };
      const ours = nearest(table, x, y);
      const theirs = nearestHit(table, x, y);
      expect(ours === null ? null : [ours.mark.x[ours.at], ours.mark.y[ours.at]]).toEqual(
        theirs === null ? null : [theirs.x, theirs.y],
      );
    }),
  );
});
