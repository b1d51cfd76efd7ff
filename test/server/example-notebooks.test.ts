import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Reading } from "../../cells/results/reading.ts";
import { driftbook } from "../support/server.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

interface Outcome {
  readonly verdict: string;
  readonly cells: readonly {
    readonly name: string;
    readonly status: string;
    readonly readings: readonly Reading[];
    readonly error?: { readonly message: string };
  }[];
}

async function run(folder: string, notebook: string): Promise<Outcome> {
  const { stdout, stderr } = await driftbook(["run", notebook, "--json", "-"], { cwd: folder });
  expect(stdout, stderr).toMatch(/^\{/);
  const outcome = JSON.parse(stdout) as Outcome;
  expect(
    outcome.cells.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error.message}`])),
  ).toEqual([]);
  return outcome;
}

const readingsOf = ({ cells }: Outcome, cell: string): readonly Reading[] =>
  cells.find(({ name }) => name === cell)!.readings;
const alarms = (readings: readonly Reading[]): string[] => [
  ...new Set(
    readings.filter(({ verdict }) => verdict === "warn" || verdict === "fail").map(({ subject }) => String(subject)),
  ),
];

test("the card-fraud notebooks find the planted shift and only it", async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), "driftbook-example-")), "workspace");
  try {
    const made = await driftbook(["init", folder, "--example", "card-fraud"]);
    expect(made.code, made.stderr).toBe(0);
    const drift = await run(folder, "drift.nb.md");
    expect(drift.verdict).toBe("fail");
    expect(alarms(readingsOf(drift, "last_weeks")).toSorted()).toEqual(["device", "score"]);
    expect(alarms(readingsOf(drift, "quiet_weeks"))).toEqual([]);
    expect(alarms(readingsOf(drift, "few_payments"))).toEqual([]);
    const kpis = await run(folder, "fraud-kpis.nb.md");
    const mature = readingsOf(kpis, "mature_weeks").find(({ metric, slice }) => metric === "recall" && slice === null)!;
    expect(mature).toMatchObject({ provisional: false, verdict: "ok" });
    expect((await run(folder, "data-checks.nb.md")).verdict).toBe("warn");
  } finally {
    await rm(path.dirname(folder), { recursive: true, force: true });
  }
});

test("real flights come in through a contract and are monitored", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-flights-"));
  try {
    await cp(path.join(EXAMPLES, "nyc-flights"), folder, { recursive: true });
    const commands = (await readFile(path.join(folder, "README.md"), "utf8")).match(/^.*driftbook ingest .*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const words = command.trim().split(/\s+/);
      const { code, stderr } = await driftbook(words.slice(words.indexOf("ingest")), { cwd: folder });
      expect(code, stderr).toBe(0);
    }
    const outcome = await run(folder, "flights.nb.md");
    expect(outcome.cells.filter(({ readings }) => readings.length > 0).length).toBeGreaterThanOrEqual(3);
    expect(outcome.verdict).toBe("warn");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
