import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A contract that most tests can use: one text, one decimal and one number feature. */
export const CARD_CONTRACT = `stream: card_fraud
decision:
  score: {type: number, min: 0, max: 1}
  values: [approve, review, block]
  positive: [review, block]
  entity: account_id
  amount: amount
features:
  account_id: {type: text, personal: true}
  amount: {type: "decimal(12,2)", min: 0, unit: EUR}
  country: {type: text}
feedback:
  label: {type: boolean}
  sources: [chargeback, analyst]
  maturity: 45 days
lateness: 1 hour
keep: forever
`;

/** A workspace in a new temporary folder; `files` by relative path, beside a driftbook.yaml and the card contract. */
export async function workspaceFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-test-"));
  const all = { "driftbook.yaml": "zone: UTC\n", "streams/card_fraud.yaml": CARD_CONTRACT, ...files };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

/** A decision that satisfies `CARD_CONTRACT`. */
export function decision(id: string, change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    decision_id: id,
    decided_at: "2026-03-01T10:15:00Z",
    decision: "review",
    score: 0.93,
    model: "gbm",
    model_version: "7",
    features: { account_id: "a-7", amount: "120.50", country: "DE" },
    ...change,
  };
}
