import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// The compiler and the linter are guards only as configured: here each is shown to refuse a deliberate breach in a
// temporary house that has this one's own configuration, and to pass the same house without it.

const ROOT = path.resolve(import.meta.dirname, "../..");
const ROOMS = ["cells", "kernels", "workspaces", "server", "client"];
const MINUTE = 60_000;

let house: string;
beforeEach(async () => {
  house = await mkdtemp(path.join(tmpdir(), "driftbook-guard-"));
  for (const file of [
    "package.json",
    "tsconfig.base.json",
    "biome.json",
    ".gitignore",
    ...ROOMS.map((room) => `${room}/tsconfig.json`),
  ]) {
    await cp(path.join(ROOT, file), path.join(house, file));
  }
  await symlink(path.join(ROOT, "node_modules"), path.join(house, "node_modules"));
  for (const room of ROOMS) await put(`${room}/one.ts`, `export const ${room} = 1;\n`);
});
afterEach(() => rm(house, { recursive: true, force: true }));

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(house, file)), { recursive: true });
  await writeFile(path.join(house, file), text);
}

/** Runs a tool of the locked dependencies in the house; never throws. */
function run(script: string, ...parameters: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const tool = path.join(ROOT, "node_modules", script);
    execFile(process.execPath, [tool, ...parameters], { cwd: house }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

const compile = (room: string) => run("typescript/bin/tsc", "-b", room);
const lint = () => run("@biomejs/biome/bin/biome", "lint", "--vcs-enabled=false", ".");

describe("the compiler", () => {
  test.each([
    ["kernels", "cells"],
    ["workspaces", "kernels"],
    ["server", "workspaces"],
    ["client", "cells"],
  ])(
    "lets %s import from %s",
    async (room, target) => {
      await put(
        `${room}/two.ts`,
        `import { ${target} } from "../${target}/one.ts";\nexport const two: number = ${target};\n`,
      );
      expect(await compile(room)).toMatchObject({ code: 0 });
    },
    MINUTE,
  );

  test.each([
    ["cells", "kernels"],
    ["kernels", "workspaces"],
    ["workspaces", "server"],
    ["client", "server"],
    ["client", "kernels"],
    ["cells", "client"],
  ])(
    "refuses that %s imports from %s",
    async (room, target) => {
      await put(
        `${room}/two.ts`,
        `import { ${target} } from "../${target}/one.ts";\nexport const two: number = ${target};\n`,
      );
      const { code, output } = await compile(room);
      expect(code).not.toBe(0);
      // "is not listed within the file list of project": what a missing reference means.
      expect(output).toMatch(new RegExp(`TS6307: File .*/${target}/one.ts`));
    },
    MINUTE,
  );

  test.each([
    ["Node", 'import { readFileSync } from "node:fs";\nexport const read: unknown = readFileSync;', "node:fs"],
    ["the DOM", "export const title: string = document.title;", "'document'"],
    ["an index that may be missing", "export const first = (list: number[]): number => list[0];", "undefined"],
  ])(
    "refuses %s in cells",
    async (_, text, reason) => {
      await put("cells/two.ts", `${text}\n`);
      const { code, output } = await compile("cells");
      expect(code).not.toBe(0);
      expect(output).toContain(reason);
    },
    MINUTE,
  );
});

describe("the linter", () => {
  test(
    "refuses an import cycle and passes the house without it",
    async () => {
      expect(await lint()).toMatchObject({ code: 0 });
      await put("cells/a.ts", 'import { b } from "./b.ts";\nexport const a = (): number => b();\n');
      await put("cells/b.ts", 'import { a } from "./a.ts";\nexport const b = (): number => a();\n');
      const { code, output } = await lint();
      expect(code).not.toBe(0);
      expect(output).toContain("noImportCycles");
    },
    MINUTE,
  );

  test(
    "refuses a promise that nobody awaits",
    async () => {
      await put("cells/a.ts", "const f = async (): Promise<void> => {};\nexport function g(): void {\n  f();\n}\n");
      const { code, output } = await lint();
      expect(code).not.toBe(0);
      expect(output).toContain("noFloatingPromises");
    },
    MINUTE,
  );
});
