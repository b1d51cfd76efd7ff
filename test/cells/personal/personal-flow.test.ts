import fc from "fast-check";
import { expect, test } from "vitest";
import { analyseProse } from "../../../cells/analysis/prose/analyse-prose.ts";
import { analyseSqlTemplate } from "../../../cells/analysis/sql/analyse-sql.ts";
import { analyseExpression, analyseTypeScript } from "../../../cells/analysis/typescript/analyse-typescript.ts";
import type { Cell, Kind } from "../../../cells/document/document.ts";
import { EMPTY_DOCUMENT } from "../../../cells/document/document.ts";
import { becauseText } from "../../../cells/personal/because.ts";
import { personalFlow } from "../../../cells/personal/personal-flow.ts";
import { allRelations } from "../../../cells/personal/sql-relations.ts";
import { tokensOf } from "../../../cells/personal/sql-words.ts";
import type { Analysis } from "../../../cells/session/operation.ts";
import type { CellRun } from "../../../cells/session/state.ts";

/** A notebook as lines `name = kind source`, and readings of monitoring cells as `slice` or `subject` of what they name. */
function flowOf(notebook: string, readings: Readonly<Record<string, readonly object[]>> = {}) {
  const cells = notebook
    .trim()
    .split(/\n\s*/)
    .map((line): Cell => {
      const [, id = "", kind = "", source = ""] = /^(\w+)\s*= (\w+) (.*)$/.exec(line) ?? [];
      const name = kind === "prose" ? null : id;
      return { id, kind: kind as Kind, name, source: source.replaceAll("⏎", "\n"), attributes: [], layout: null };
    });
  const analyses = Object.fromEntries(cells.map((cell) => [cell.id, analysisOf(cell)]));
  const runs = Object.fromEntries(
    Object.entries(readings).map(([id, made]) => [
      id,
      {
        result: {
          readings: made.map((one) => ({ slice: null, subject: null, reason: null, details: {}, ...one })),
        },
      } as unknown as CellRun,
    ]),
  );
  const flow = personalFlow(
    { document: { ...EMPTY_DOCUMENT, cells }, analyses, runs },
    new Set(["account_id", "entity_id", "born"]),
  );
  return { flow, cells };
}

function analysisOf({ kind, name, source }: Cell): Analysis {
  const own = name === null ? [] : [name];
  const empty = { sourceHash: "", defines: own, relations: [], problem: null };
  switch (kind) {
    case "ts": {
      const { defines, reads, sqlTemplates, problem } = analyseTypeScript(source, name);
      const more = sqlTemplates.flatMap(bareNames).filter((one) => !defines.includes(one));
      return { ...empty, defines: [...defines], reads: [...reads, ...more], problem };
    }
    case "sql": {
      const { reads, split } = analyseSqlTemplate(source, analyseExpression);
      return { ...empty, reads: [...reads, ...bareNames(split.text)] };
    }
    case "prose":
      return { ...empty, reads: [...analyseProse(source, analyseExpression).reads] };
    default:
      return { ...empty, reads: [] };
  }
}

const bareNames = (statement: string): string[] =>
  allRelations(tokensOf(statement)).flatMap(({ path }) => (path === null || path.includes(".") ? [] : [path]));

/** Names of the cells of which something is left out. */
function heldIn(notebook: string, readings?: Parameters<typeof flowOf>[1]): string {
  const { flow, cells } = flowOf(notebook, readings);
  return cells
    .filter((cell) =>
      cell.kind === "prose"
        ? flow.expressions(cell).some((one) => one !== null)
        : cell.kind === "input"
          ? flow.input(cell.id) !== null
          : flow.shown(cell) !== null,
    )
    .map(({ id }) => id)
    .join(" ");
}

const LATEST = "latest = sql SELECT account_id, country, score FROM cards.decisions";

test.each<[title: string, notebook: string, held: string]>([
  ["a cell that reads a table with a personal column", `${LATEST}⏎\n a = ts latest`, "latest a"],
  [
    "through two TypeScript cells into prose",
    `${LATEST}
     a = ts const ids = [...latest].map((row) => row.account_id)
     b = ts const first = ids[0].toUpperCase()
     c = prose Hello \${first}, and \${1 + 1}`,
    "latest c",
  ],
  ["whatever the table is called there", `${LATEST}\n a = ts const t = latest; const { x } = { x: t }; x`, "latest a"],
  [
    "under another name, through another SQL cell",
    `one = sql SELECT upper(account_id) AS who, score FROM cards.decisions
     two = sql SELECT who AS x FROM one
     a = ts [...two].map((row) => row.x)
     b = ts 1`,
    "one two a",
  ],
  ["by a star", "one = sql SELECT * FROM cards.decisions\n a = ts [...one][0]", "one a"],
  ["by no list at all", "one = sql FROM cards.decisions WHERE score > 1\n a = ts one", "one a"],
  ["by a whole row", "one = sql SELECT d::VARCHAR AS t FROM cards.decisions AS d\n a = ts one", "one a"],
  ["without a name", "one = sql SELECT upper(account_id) FROM cards.decisions\n a = ts one", "one a"],
  [
    "not by a star that leaves all of them out",
    "one = sql SELECT * EXCLUDE (account_id, entity_id, born, extra) FROM cards.decisions\n a = ts one",
    "",
  ],
  [
    "by a star that leaves out only one",
    "one = sql SELECT * EXCLUDE (account_id) FROM cards.decisions\n a = ts one",
    "one a",
  ],
  [
    "not by a star over what was aggregated",
    "one = sql WITH t AS (SELECT country, count(account_id) AS n FROM cards.decisions GROUP BY 1) SELECT * FROM t\n a = ts one",
    "",
  ],
  [
    "not where the column is only counted, filtered or grouped by",
    `n = sql SELECT country, count(DISTINCT account_id) AS n FROM cards.decisions WHERE account_id <> 'a' GROUP BY country, account_id
     a = ts [...n]
     b = prose \${[...n][0].n}`,
    "",
  ],
  [
    "not from a selection that leaves the column out",
    `${LATEST}\n s = sql SELECT score FROM latest\n a = ts s`,
    "latest",
  ],
  ["from a star over such a cell", `${LATEST}\n s = sql SELECT * FROM latest\n a = ts s`, "latest s a"],
  ["by sql inside of TypeScript", "a = ts const t = await sql`SELECT account_id FROM cards.decisions`; t", "a"],
  ["by a star there", "a = ts await sql`SELECT * FROM cards.decisions`", "a"],
  ["not by sql that counts", "a = ts await sql`SELECT count(account_id) AS n FROM cards.decisions`", ""],
  [
    "by sql over a TypeScript cell's table, whatever its columns are called",
    `${LATEST}
     mine = ts [...latest].map((row) => ({ x: row.account_id }))
     s = sql SELECT x AS y FROM mine
     n = sql SELECT count(*) AS n FROM mine
     a = ts s`,
    "latest mine s a",
  ],
  [
    "by a bound value",
    `${LATEST}\n a = ts const id = latest.get(0).account_id\n s = sql SELECT \${id} AS x`,
    "latest s",
  ],
  [
    "not the bound value of a condition",
    `${LATEST}\n a = ts const id = latest.get(0).account_id\n s = sql SELECT count(*) AS n FROM cards.decisions WHERE account_id = \${id}`,
    "latest",
  ],
  [
    "an input that is compared with the column",
    `who = input type: text
     limit = input type: number
     s = sql SELECT count(*) AS n FROM cards.decisions d WHERE d.account_id = \${who} AND score > \${limit}
     a = prose Account \${who}
     b = prose Above \${limit}`,
    "who a",
  ],
  ["by a text that is no TypeScript", `${LATEST}\n a = ts const = 1\n b = prose \${a} and \${1 +}`, "latest a b"],
  [
    "by a list of another cell that it is put into",
    `${LATEST}
     list = ts const all = []
     a = ts for (const row of latest) all.push(row.account_id)
     b = prose \${all.join()}`,
    "latest list b",
  ],
  [
    "by a list of its own",
    `${LATEST}\n a = ts const all = []; const add = (x) => all.push(x); [...latest].forEach(add); all`,
    "latest a",
  ],
  [
    "by a function that shows what it is given",
    `${LATEST}\n a = ts const show = (x) => display(x); show(latest); 1`,
    "latest a",
  ],
  ["by a chart", `${LATEST}\n a = ts Plot.plot({ marks: [Plot.dot(latest, { x: "score" })] })`, "latest a"],
  [
    "not in a cell beside",
    `${LATEST}\n n = sql SELECT count(*) AS n FROM cards.decisions\n a = ts Plot.barY(n)\n b = prose \${window.start}`,
    "latest",
  ],
  ["by a summary, which writes least and most", "s = sql SUMMARIZE cards.decisions\n a = ts s", "s a"],
  [
    "behind what only looks like a comment",
    "s = sql SELECT 'x--', account_id AS x FROM cards.decisions\n a = ts s",
    "s a",
  ],
  [
    "in the second part of a union",
    "s = sql SELECT 'a' AS x UNION ALL SELECT account_id FROM cards.decisions\n a = ts s",
    "s a",
  ],
  [
    "by the readings that are kept",
    "s = sql SELECT slice FROM monitor.readings\n n = sql SELECT metric, value FROM monitor.readings",
    "s",
  ],
  [
    "into what people and versions say of jobs",
    'v = sql SELECT text FROM monitor.versions\n w = sql SELECT number, hash FROM monitor.versions\n x = sql SELECT comment FROM monitor.alerts\n y = sql SELECT "set" FROM monitor.versions',
    "v x y",
  ],
])("personal values are followed %s", (_title, notebook, held) => {
  expect(heldIn(notebook)).toBe(held);
});

test.each<[title: string, source: string, held: boolean]>([
  ["the size of a table", "latest.length", false],
  ["how many rows are left", "[...latest].filter((row) => row.score > 0.5).length", false],
  ["how many values there are", "new Set([...latest].map((row) => row.account_id)).size", false],
  ["a share made of counts", "percent([...latest].filter((r) => r.score > 0.5).length / latest.numRows)", false],
  ["a text made of counts", "md`There are **${latest.length}** rows`", false],
  ["a constant that is a count", "const n = latest.length; n + 1", false],
  ["a number of one row", "[...latest][0].score", true],
  ["a sum", "[...latest].reduce((sum, row) => sum + row.score, 0)", true],
  ["the greatest", "Math.max(...[...latest].map((row) => row.born))", true],
  ["what an object calls its length", "({ length: latest.get(0).account_id }).length", true],
  [
    "a value behind a count that puts it elsewhere",
    "let id; [...latest].map((row) => { id = row.account_id; return row }).length; id",
    true,
  ],
  ["a variable, which may become anything", "let n = latest.length; n = latest.get(0).account_id; n", true],
  ["a constant list that was filled", "const all = []; all.push(...latest); all", true],
  ["a name that is taken by a loop", "const n = latest.length; for (const n of latest) display(n)", true],
])("of a table with personal columns %s", (_title, source, held) => {
  expect(heldIn(`${LATEST}\n a = ts ${source}`)).toBe(held ? "latest a" : "latest");
});

test("readings stay, save those by a personal column and those with its values", () => {
  const read = "a = ts [...m]\n b = prose ${m.recall}\n c = prose ${m.length}";
  const held = (kind: string, ...readings: object[]) => heldIn(`m = ${kind} from: cards\n ${read}`, { m: readings });
  expect(held("kpi", { metric: "recall" })).toBe("");
  expect(held("kpi", { metric: "recall" }, { metric: "recall", slice: "country = DE" })).toBe("");
  expect(held("kpi", { metric: "recall" }, { metric: "recall", slice: "account_id = a-7" })).toBe("m a");
  expect(held("check", { metric: "missing", subject: "account_id", details: { rows: 7 } })).toBe("");
  expect(held("drift", { metric: "psi", subject: "account_id", details: { labels: ["a-7"] } })).toBe("m a b");
  const who = "one = sql SELECT account_id AS who FROM cards.decisions\n m = drift from: one\n a = ts [...m]";
  const labels = { metric: "psi", details: { labels: ["a-7"] } };
  expect(heldIn(who, { m: [{ ...labels, subject: "who" }] })).toBe("one m a");
  expect(heldIn(who.replace("AS who", 'AS "Who Is"'), { m: [{ ...labels, subject: "Who Is" }] })).toBe("one m a");
});

test.each<[source: string, held: boolean]>([
  ['await drift({ from: "cards", columns: ["score"], reference: "28 days before" })', false],
  ['await drift({ from: "cards", columns: ["account_id"] })', true],
  ['await drift({ from: "cards" })', true],
  ['await kpi({ from: "cards", by: "country" })', false],
  ['await kpi({ from: "cards", by: "account_id" })', true],
  ['const spec = { from: "cards" }; await kpi(spec)', true],
])("measured in TypeScript: %s", (source, held) => {
  expect(heldIn(`a = ts ${source}`)).toBe(held ? "a" : "");
});

test("nothing is followed where no column is personal, and reasons say the way", () => {
  const { flow, cells } = flowOf(`${LATEST}\n a = ts const ids = [...latest]\n b = prose \${ids[0]}`);
  expect(becauseText(flow.expressions(cells[2]!)[0]!)).toBe("it is made from latest, which has account_id");
  const none = personalFlow({ document: { ...EMPTY_DOCUMENT, cells }, analyses: {}, runs: {} }, new Set());
  expect(cells.map((cell) => none.shown(cell))).toEqual([null, null, null]);
});

test("a chain of cells of any length and order holds what its first reads, and nothing where that counts", () => {
  const link = fc.constantFrom(
    (from: string) => `ts [...${from}].map((x) => x)`,
    (from: string) => `ts ({ inner: ${from} })`,
    (from: string) => `ts await Promise.resolve(${from})`,
  );
  fc.assert(
    fc.property(
      fc.array(link, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.integer(),
      (links, isCounted, seed) => {
        const first = isCounted
          ? "SELECT count(account_id) AS n FROM cards.decisions"
          : "SELECT account_id FROM cards.decisions";
        const lines = [`c0 = sql ${first}`, ...links.map((make, at) => `c${at + 1} = ${make(`c${at}`)}`)];
        const shuffled = lines.toSorted((a, b) => ((a.length * seed) % 7) - ((b.length * seed) % 7));
        const held = heldIn(shuffled.join("\n")).split(" ").filter(Boolean);
        expect(held.length).toBe(isCounted ? 0 : lines.length);
      },
    ),
  );
});
