import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { contractSchema } from "../../workspaces/contracts/contract-schema.ts";
import { parseContract } from "../../workspaces/contracts/parse-contract.ts";
import { startServer } from "../support/server.ts";
import { readBlocks } from "./read-commands.ts";
import { tableOf } from "./read-tables.ts";
import { keysOf } from "./schema-keys.ts";

const GUIDE = path.join(fileURLToPath(new URL("../..", import.meta.url)), "docs/contracts.md");
let guide: string;
let contract: string;
beforeAll(async () => {
  guide = await readFile(GUIDE, "utf8");
  contract = readBlocks(guide).find(({ language }) => language === "yaml")!.text;
});

test("the guide's contract says what it means", () => {
  const read = parseContract(contract);
  expect(read).toMatchObject({ ok: true });
  expect(read.ok && read.contract.features.map(({ name }) => name)).toEqual(["customer", "eur", "country", "opened"]);
});

test("the guide has every key of a contract", () => {
  const rows = tableOf(guide, "key");
  const said = new Map(rows.map(([key, about]) => [key!.replaceAll("`", ""), about!]));
  const deeper = { decision: "decision.", feedback: "feedback." };
  const expected = Object.entries(contractSchema.shape).flatMap(([key, schema]) => {
    if (key === "features") return [["features.NAME", schema] as const];
    const before = deeper[key as keyof typeof deeper];
    if (before === undefined) return [[key, schema] as const];
    return Object.entries(keysOf(schema)!).map(([name, inner]) => [before + name, inner] as const);
  });
  expect([...said.keys()].sort()).toEqual(expected.map(([key]) => key).sort());
  for (const [key, schema] of expected)
    for (const inner of Object.keys(keysOf(schema) ?? {}))
      if (!(key === "decision.score" && inner === "type"))
        expect(said.get(key), `${key}.${inner}`).toContain(`\`${inner}\``);
});

test("the guide has every column of a stream's relations, in their order", async () => {
  const server = await startServer({ files: { "streams/loans.yaml": contract } });
  try {
    const columns = async (relation: string) =>
      (
        await server.ask<{ name: string }[]>("/api/query", {
          method: "POST",
          json: { sql: `SELECT column_name AS name FROM (DESCRIBE SELECT * FROM loans.${relation})` },
        })
      ).map(({ name }) => name);
    const said = (head: string) => tableOf(guide, head).map(([name]) => name!.replaceAll("`", ""));
    const features = ["customer", "eur", "country", "opened"];
    const decisions = await columns("decisions");
    expect(said("`decisions`")).toEqual(decisions.filter((name) => !features.includes(name)));
    expect(said("`feedback`")).toEqual(await columns("feedback"));
    expect(said("`quarantine`")).toEqual(await columns("quarantine"));
    expect(said("`outcomes`, beyond `decisions`")).toEqual(
      (await columns("outcomes")).filter((name) => !decisions.includes(name)),
    );
  } finally {
    await server.stop();
  }
});
