import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("every decision page has a number of its own and says what was decided and why", async () => {
  const names = (await readdir(path.join(ROOT, "docs/decisions"))).filter((name) => name.endsWith(".md"));
  const numbers = names.map((name) => name.split("-")[0]);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const name of names) {
    const text = await readFile(path.join(ROOT, "docs/decisions", name), "utf8");
    expect(text, name).toMatch(/^# \S/);
    expect(text.length, name).toBeGreaterThan(200);
  }
});

test("every dependency is in docs/dependencies.md", async () => {
  const manifest = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const page = await readFile(path.join(ROOT, "docs/dependencies.md"), "utf8");
  const groups = ["@codemirror/", "@types/", "node-"];
  for (const section of ["dependencies", "devDependencies", "optionalDependencies"])
    for (const name of Object.keys(manifest[section] ?? {}))
      if (!groups.some((group) => name.startsWith(group))) expect(page, name).toContain(`\`${name}\``);
});
