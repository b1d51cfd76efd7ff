import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MONITOR_TABLES } from "../../cells/monitoring/monitor-tables.ts";

const GUIDE = path.join(fileURLToPath(new URL("../..", import.meta.url)), "docs/jobs.md");

test("the guide of jobs lists every column of monitor.*, with its type and what it holds", async () => {
  const rows = (await readFile(GUIDE, "utf8")).split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const [name, { columns }] of Object.entries(MONITOR_TABLES)) {
    const head = rows.findIndex(([, first, second]) => first === `\`monitor.${name}\`` && second === "type");
    const body = rows.slice(head + 2, head + 2 + Object.keys(columns).length);
    expect(body.map((cells) => cells.slice(1, 4))).toEqual(
      Object.entries(columns).map(([column, [type, about]]) => [`\`${column}\``, type, about]),
    );
  }
});
