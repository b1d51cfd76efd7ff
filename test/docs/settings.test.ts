import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { settingsSchema } from "../../server/workspace-settings.ts";
import { tableOf } from "./read-tables.ts";
import { keysOf } from "./schema-keys.ts";

test("the guide of operations has every key of driftbook.yaml", async () => {
  const guide = await readFile(
    path.join(fileURLToPath(new URL("../..", import.meta.url)), "docs/operations.md"),
    "utf8",
  );
  const expected = Object.entries(settingsSchema.shape).flatMap(([key, schema]) =>
    key === "destinations"
      ? [key]
      : Object.keys(keysOf(schema) ?? { "": null }).map((inner) => (inner === "" ? key : `${key}.${inner}`)),
  );
  expect(tableOf(guide, "key").map(([key]) => key!.replaceAll("`", ""))).toEqual(expected);
});
