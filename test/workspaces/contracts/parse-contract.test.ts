import { expect, test } from "vitest";
import { compareContracts } from "../../../workspaces/contracts/compare-contracts.ts";
import type { Contract } from "../../../workspaces/contracts/contract.ts";
import { parseContract } from "../../../workspaces/contracts/parse-contract.ts";
import { durationMillis, sizeBytes } from "../../../workspaces/contracts/quantities.ts";
import { CARD_CONTRACT } from "../../support/workspace-folder.ts";

function contract(text: string): Contract {
  const read = parseContract(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.contract;
}

test("a contract of one line is complete", () => {
  expect(contract("stream: orders")).toMatchObject({
    stream: "orders",
    strict: false,
    features: [],
    decision: { values: null, positive: [], entity: null },
    feedback: { label: { type: "boolean" }, sources: [], silence: null },
    latenessMillis: 3_600_000,
    keepMillis: null,
  });
});

test("YAML 1.2: NO is a country, not a boolean", () => {
  const read = contract("stream: s\nfeatures:\n  country: {type: text, values: [DE, NO, 1]}");
  expect(read.features[0]!.values).toEqual(["DE", "NO", "1"]);
});

test.each([
  ["strem: a", 1, "did you mean stream"],
  ["stream: s\nfeatures:\n  amount: {type: text, persnal: true}", 3, "did you mean personal"],
  ["stream: s\nfeatures:\n  amount: {type: float}", 3, "expected number, integer"],
  ["stream: s\nfeatures:\n  amount: {type: 'decimal(3,5)'}", 3, "decimal(p,s)"],
  ["stream: Bad Name", 1, "small letters"],
  ["stream: monitor", 1, "taken"],
  ["stream: s\nfeatures:\n  recorded_at: {type: text}", 3, "reserved"],
  ["stream: s\ndecision:\n  entity: acount\nfeatures:\n  account: {type: text}", 3, "did you mean account"],
  ["stream: s\ndecision:\n  amount: who\nfeatures:\n  who: {type: text}", 3, "an amount is a number"],
  ["stream: s\ndecision:\n  values: [a, b]\n  positive: [c]", 4, "not among the values a, b"],
  ["stream: s\nfeedback:\n  maturity: soon", 3, "45 days"],
  ["stream: s\nfeedback:\n  silence: {means: 'no', after: 3 days, for: [a]}", 3, "label of type boolean"],
  ["stream: s\nfeatures:\n  a: {type: number, min: 3, max: 2}", 3, "above max"],
  ["stream: s\nstream: t", 2, "unique"],
  ["stream: [", 1, ""],
])("%j is refused at line %d: %s", (text, line, says) => {
  const read = parseContract(text);
  if (read.ok) throw new Error("it was accepted");
  expect(read.problems[0]!.message).toContain(says);
  expect(read.problems[0]!.line).toBe(line);
});

test("a contract's hash follows its meaning, not its layout", () => {
  const spaced = CARD_CONTRACT.replace("stream: card_fraud", "# a comment\nstream:   card_fraud");
  expect(contract(spaced).hash).toBe(contract(CARD_CONTRACT).hash);
  expect(contract(CARD_CONTRACT.replace("45 days", "46 days")).hash).not.toBe(contract(CARD_CONTRACT).hash);
});

test.each([
  ["integer", "text", false],
  ["text", "integer", true],
  ["decimal(12,2)", "decimal(14,2)", false],
  ["decimal(12,2)", "decimal(12,4)", true],
  ["integer", "number", true],
  ["date", "timestamp", false],
])("a feature that turns from %s to %s narrows: %s", (from, to, narrowing) => {
  const of = (type: string) => contract(`stream: s\nfeatures:\n  a: {type: "${type}"}`);
  expect(compareContracts(of(from), of(to))).toMatchObject([{ name: "a", narrowing }]);
});

test("durations and sizes are read, and nothing else is", () => {
  expect(durationMillis("45 days")).toBe(45 * 86_400_000);
  expect(durationMillis("1 hour")).toBe(3_600_000);
  expect(durationMillis("soon")).toBeNull();
  expect(sizeBytes("4 GB")).toBe(4e9);
  expect(sizeBytes("4 parsecs")).toBeNull();
});
