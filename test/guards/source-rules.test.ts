import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { breaches, type SourceFile } from "./source-rules.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

function sourceFiles(): SourceFile[] {
  return ["cells", "kernels", "workspaces", "server", "client"].flatMap((room) =>
    readdirSync(path.join(ROOT, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return { path: path.relative(ROOT, file).replaceAll(path.sep, "/"), text: readFileSync(file, "utf8") };
      }),
  );
}

test("no file of the house breaks its rules", () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(50);
  expect(breaches(files)).toEqual([]);
});

describe("each deliberate breach is found", () => {
  test.each<[string, string, string]>([
    ["cells/a/b.ts", 'import { x } from "../../kernels/lifecycle/spawn.ts";', "cells may not import from kernels"],
    ["cells/a/b.ts", 'import type { X } from "../../server/app.ts";', "cells may not import from server"],
    ["kernels/a.ts", 'export * from "../workspaces/x.ts";', "kernels may not import from workspaces"],
    ["workspaces/a.ts", 'const x = await import("../server/app.ts");', "workspaces may not import from server"],
    ["client/a.ts", 'import "../server/app.ts";', "client may not import from server"],
    ["client/a.ts", 'type X = import("../kernels/a.ts").X;', "client may not import from kernels"],
    ["server/a.ts", 'import "../client/a.ts";', "server may not import from client"],
    ["server/a.ts", 'import "../test/support/x.ts";', "leaves the rooms"],
    ["cells/a.ts", 'import fs from "node:fs";', "has no place in cells"],
    ["workspaces/a.ts", 'import { spawn } from "node:child_process";', "kernels/lifecycle/spawn.ts only"],
    ["kernels/lifecycle/other.ts", 'import { fork } from "child_process";', "kernels/lifecycle/spawn.ts only"],
    ["server/a.ts", 'const c = process.getBuiltinModule("node:child_process");', "kernels/lifecycle/spawn.ts only"],
    ["server/a.ts", 'const c = require("child_process");', "kernels/lifecycle/spawn.ts only"],
    ["kernels/engine/a.ts", 'import { DuckDBInstance } from "@duckdb/node-api";', "kernels/duckdb/duckdb.ts only"],
    ["kernels/engine/a.ts", 'import bindings from "@duckdb/node-bindings";', "kernels/duckdb/duckdb.ts only"],
    ["kernels/engine/a.ts", 'import type { T } from "@duckdb/node-api/lib/x.js";', "kernels/duckdb/duckdb.ts only"],
    ["kernels/a.ts", "const home = process.env.HOME;", "process.env is read in server/configuration.ts only"],
    ["kernels/a.ts", 'const all = globalThis.process["env"];', "process.env is read in server/configuration.ts only"],
    ["cells/a.ts", "const now = Date.now();", "no clock"],
    ["cells/a.ts", "const now = new Date();", "no clock"],
    ["cells/a.ts", "const id = Math.random();", "no clock"],
    ["server/utils.ts", "", "not utils"],
    ["client/rows/helpers.ts", "", "not utils"],
  ])("%s: %s", (file, text, expected) => {
    expect(breaches([{ path: file, text }]).join()).toContain(expected);
  });

  test("and what is allowed is not", () => {
    const allowed: [string, string][] = [
      ["kernels/lifecycle/spawn.ts", 'import { spawn } from "node:child_process";'],
      ["kernels/duckdb/duckdb.ts", 'import bindings from "@duckdb/node-bindings";'],
      ["server/configuration.ts", "process.env.PORT"],
      [
        "server/a.ts",
        'import "../workspaces/a.ts"; import "../kernels/a.ts"; import "../cells/a.ts"; import "node:fs"; import "fastify"',
      ],
      ["client/a.ts", 'import "../cells/a.ts"; import "lit"; Date.now()'],
      ["cells/a.ts", 'import { z } from "zod"; import "./b.ts"; new Date(0); // process.env, Date.now() in words'],
    ];
    expect(breaches(allowed.map(([file, text]) => ({ path: file, text })))).toEqual([]);
  });
});
