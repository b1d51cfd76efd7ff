import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { absentFromLock } from "../../bin/complete-lock.js";

test("the lock file holds the packages of every platform, or npm ci refuses it", () => {
  const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, unknown> };
  expect(absentFromLock(packages)).toEqual([]);
  const { "node_modules/@deno/darwin-arm64": _gone, ...without } = packages;
  expect(absentFromLock(without).map(([name, , parent]) => [name, parent])).toEqual([
    ["@deno/darwin-arm64", "node_modules/deno"],
  ]);
});
