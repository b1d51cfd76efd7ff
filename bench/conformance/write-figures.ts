/**
 * `node bench/conformance/write-figures.ts <folder> [seed=1]`: writes seeded random data and what this program computes of
 * it into an empty folder, for `peers.py` to compare with other libraries. See README.md beside this file.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cellCases } from "./cell-figures.ts";
import { adjustedCases, countCases, sampleCases } from "./drift-figures.ts";
import { regressionCases, scoreCases, tableCases } from "./outcome-figures.ts";

const [folder, seedText = "1"] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node bench/conformance/write-figures.ts <folder> [seed]");
const seed = Number(seedText);
mkdirSync(folder, { recursive: true });

const families = {
  samples: sampleCases(seed),
  counts: countCases(seed),
  adjusted: adjustedCases(seed),
  scores: scoreCases(seed),
  tables: tableCases(seed),
  regressions: regressionCases(seed),
  cells: await cellCases(folder, seed),
};
for (const [family, cases] of Object.entries(families)) {
  writeFileSync(path.join(folder, `${family}.json`), JSON.stringify(cases));
  console.log(`${family}: ${cases.length} cases`);
}
