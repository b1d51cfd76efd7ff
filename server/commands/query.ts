import process from "node:process";
import { nearest } from "../../cells/yaml/nearest.ts";
import { type Api, withApi } from "./api.ts";
import {
  assignments,
  type Command,
  type ExitCode,
  type Invocation,
  textOption,
  textOptions,
  UsageError,
} from "./command.ts";
import { tableText } from "./print-table.ts";
import { writeTo } from "./write-file.ts";

const ACCEPT = {
  table: "application/json",
  json: "application/json",
  csv: "text/csv",
  arrow: "application/vnd.apache.arrow.stream",
  parquet: "application/vnd.apache.parquet",
} as const;
type Format = keyof typeof ACCEPT;
const TABLE_ROWS = 1000;

export const queryCommand: Command = {
  usage: [
    "driftbook query SQL [--as-of TIME] [--param NAME=VALUE]… [--format table|json|csv|arrow|parquet] [--out FILE]",
  ],
  summary: "Run one SELECT over the streams and files of a workspace",
  about: [
    `--format F    table (the default) shows ${TABLE_ROWS} rows; the others give all`,
    "--param N=V   the statement reads it as $N",
    "SQL may be - to read it from stdin",
  ],
  options: {
    "as-of": { type: "string" },
    param: { type: "string", multiple: true },
    format: { type: "string" },
    out: { type: "string" },
  },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const format = readFormat(invocation);
    const words = invocation.positionals[0]!;
    const sql = words === "-" ? await readStdin() : words;
    const asOf = textOption(invocation, "as-of");
    const json = {
      sql,
      params: assignments(textOptions(invocation, "param"), "param"),
      ...(asOf === undefined ? {} : { asOf }),
      ...(format === "table" ? { limit: TABLE_ROWS } : {}),
    };
    return withApi(invocation, invocation.workspace(), (api) => answer(invocation, api, format, json));
  },
};

async function answer(invocation: Invocation, api: Api, format: Format, json: unknown): Promise<ExitCode> {
  const { bytes, headers } = await api.send({
    method: "POST",
    path: "/api/query",
    json,
    headers: { accept: ACCEPT[format] },
  });
  const body = format === "table" ? Buffer.from(`${table(bytes, headers["driftbook-columns"])}\n`) : bytes;
  const out = textOption(invocation, "out");
  if (out === undefined) await writeOut(body);
  else await writeTo(out, body);
  if (headers["driftbook-truncated"] === "true")
    invocation.note(`The first ${TABLE_ROWS} rows; --format csv or json gives all.`);
  return 0;
}

function table(bytes: Buffer, columns: string | undefined): string {
  const rows = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>[];
  const names =
    columns === undefined ? Object.keys(rows[0] ?? {}) : (JSON.parse(decodeURIComponent(columns)) as string[]);
  return tableText(
    names,
    rows.map((row) => names.map((name) => row[name])),
  );
}

function readFormat(invocation: Invocation): Format {
  const text = textOption(invocation, "format") ?? (invocation.json ? "json" : "table");
  if (Object.hasOwn(ACCEPT, text)) return text as Format;
  const near = nearest(text, Object.keys(ACCEPT));
  throw new UsageError(
    `--format "${text}" is none of ${Object.keys(ACCEPT).join(", ")}.${near === null ? "" : ` Did you mean ${near}?`}`,
  );
}

async function readStdin(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

function writeOut(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(body, (error) => (error === null || error === undefined ? resolve() : reject(error))),
  );
}
