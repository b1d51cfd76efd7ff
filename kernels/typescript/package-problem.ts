import type { Problem } from "../../cells/session/operation.ts";

/** Packages come from the workspace alone, at no time from the network: what is missing there has a usual mend. */
export function packageProblem(problem: Problem): Problem {
  const name = /(?:for package|npm package(?: not found in cache:)?) "([^"]+)"/.exec(problem.message)?.[1];
  if (name === undefined) return problem;
  return {
    ...problem,
    message: `The package "${name}" is not installed in this workspace, and cells load nothing from the network.`,
    // Not into the cache of whoever types it: kernels have one of their own.
    hint: `Install it once, in the workspace's folder: DENO_DIR=.driftbook/deno deno add npm:${name}. A promoted version takes it up when it is promoted again.`,
  };
}
