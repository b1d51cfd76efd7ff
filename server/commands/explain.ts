import { boundText } from "../../cells/results/reading.ts";
import type { ExplainedStep, Explanation, KeptReading } from "../../cells/wire/http-readings.ts";
import { type Api, withApi } from "./api.ts";
import type { Command } from "./command.ts";
import { tableText } from "./print-table.ts";

export const explainCommand: Command = {
  usage: ["driftbook explain READING [READING]"],
  summary: "Where a number came from, or why it is another one than an earlier number",
  about: [
    "READING   the id of a reading, as run --json prints it and as its page's address ends",
    "With two, each cause of the difference is told alone: the edit, the contract, decisions, labels, marks, the program.",
  ],
  options: {},
  arguments: { min: 1, max: 2 },
  async run(invocation) {
    const [id, other] = invocation.positionals as [string, string?];
    return withApi(invocation, invocation.workspace(), async (api) => {
      const path = `/api/readings/${encodeURIComponent(id)}`;
      const [answer, text] = other === undefined ? await one(api, path) : await two(api, path, other);
      invocation.print(invocation.json ? JSON.stringify(answer) : text);
      return 0;
    });
  },
};

async function one(api: Api, path: string): Promise<[KeptReading, string]> {
  const kept = await api.ask<KeptReading>({ method: "GET", path });
  const { reading, measurement, otherAnswers } = kept;
  const { bounds } = reading;
  const interval = reading.lower === null ? "" : ` (95 % ${reading.lower} to ${reading.upper})`;
  const lines: (readonly [string, string | null])[] = [
    ["reading", reading.id],
    ["value", `${reading.value ?? "none"}${interval}`],
    ["verdict", `${reading.verdict}${reading.reason === null ? "" : `: ${reading.reason}`}`],
    ["metric", `${reading.definition}, convention ${reading.convention}${reading.exact ? "" : ", not exact"}`],
    ["column", reading.subject],
    ["slice", reading.slice],
    ["warn", bounds.warn === null ? null : boundText(bounds.warn)],
    ["fail", bounds.fail === null ? null : boundText(bounds.fail)],
    ["n", `${reading.n}${reading.nReference === null ? "" : `, reference ${reading.nReference}`}`],
    ["p adjusted", reading.pAdjusted === null ? null : String(reading.pAdjusted)],
    ["maturity", reading.maturity === null ? null : `${reading.maturity}${reading.provisional ? ", provisional" : ""}`],
    ["window", reading.window === null ? "all of time" : reading.window.join(" to ")],
    ["as of", reading.asOf],
    ["due at", measurement.dueAt ?? null],
    ["cell", `${measurement.cell} of ${measurement.notebook}, version ${measurement.version.hash}`],
    [
      "inputs",
      Object.entries(measurement.version.set)
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
        .join(", ") || null,
    ],
    ["contracts", measurement.contracts.map(({ stream, hash }) => `${stream} ${hash.slice(0, 12)}`).join(", ") || null],
    [
      "marks",
      measurement.marks.map(({ note, excludes }) => `${note}${excludes ? " (excludes)" : ""}`).join(", ") || null,
    ],
    ["program", `Driftbook ${measurement.program.driftbook}, ${measurement.program.engine}`],
    ["measured", measurement.madeAt],
    [
      "other answers",
      otherAnswers.length === 0 ? null : otherAnswers.map(({ value, madeAt }) => `${value} at ${madeAt}`).join(", "),
    ],
  ];
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== null);
  const facts = shown.map(([name, value]) => `${name.padEnd(14)}${value}`).join("\n");
  const sql = measurement.statements.map(({ title, sql }) => `-- ${title}\n${sql}`).join("\n\n");
  return [kept, `${facts}\n\n${measurement.version.text.trim()}${sql === "" ? "" : `\n\n${sql}`}`];
}

async function two(api: Api, path: string, other: string): Promise<[Explanation, string]> {
  const explained = await api.ask<Explanation>({ method: "POST", path: `${path}/compare`, json: { with: other } });
  const { from, to, steps } = explained;
  const [first, last] = [from, to].map(
    ({ value, asOf, window }) =>
      `${value ?? "no value"}, ${window === null ? "all of time" : window.join(" to ")}, as of ${asOf}`,
  );
  const text = [
    `from  ${first}`,
    `to    ${last}`,
    "",
    steps.length === 0
      ? "Nothing that the value depends on is different."
      : tableText(
          ["cause", "before", "after", "change"],
          steps.map(({ title, before, after, change }) => [title, before, after, signed(change)]),
        ),
    ...steps.flatMap(details),
  ];
  return [explained, text.join("\n")];
}

const signed = (change: number | null): string | null =>
  change === null ? null : change > 0 ? `+${change}` : String(change);

function details({ title, note, lines, rows, rowCount }: ExplainedStep): string[] {
  const table =
    rows.length === 0
      ? []
      : [
          tableText(
            Object.keys(rows[0]!),
            rows.map((row) => Object.values(row)),
          ),
        ];
  const more = rowCount !== null && rowCount > rows.length ? [`… and ${rowCount - rows.length} more`] : [];
  const all = [...(note === null ? [] : [note]), ...lines, ...table, ...more];
  return all.length === 0 ? [] : ["", `${title}:`, ...all];
}
