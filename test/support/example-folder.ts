import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { driftbook } from "./server.ts";

/** The example of card fraud, made by its command in a new temporary folder. */
export async function exampleFolder(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const parent = await mkdtemp(path.join(tmpdir(), "driftbook-example-"));
  const folder = path.join(parent, "example");
  const made = await driftbook(["init", folder, "--example", "card-fraud"]);
  if (made.code !== 0) throw new Error(made.stderr);
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}
