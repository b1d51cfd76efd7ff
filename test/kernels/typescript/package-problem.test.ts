import { expect, test } from "vitest";
import { packageProblem } from "../../../kernels/typescript/package-problem.ts";

test.each([
  [
    "that was never installed",
    'Failed loading https://registry.npmjs.org/is-number for package "is-number"\n    0: npm package not found in cache: "is-number", --cached-only is specified.',
  ],
  [
    "that is locked, and not in the cache of kernels",
    "Failed caching npm package 'is-number@7.0.0'\n    0: npm package not found in cache: \"is-number\", --cached-only is specified.",
  ],
])("a package %s is named with a command that installs it where kernels look", (_what, message) => {
  const { message: said, hint } = packageProblem({ message });
  expect(said).toContain('The package "is-number" is not installed in this workspace');
  expect(hint).toContain("DENO_DIR=.driftbook/deno deno add npm:is-number.");
});

test("another error stays as it is", () => {
  const problem = { message: "x is not defined", line: 3 };
  expect(packageProblem(problem)).toBe(problem);
});
