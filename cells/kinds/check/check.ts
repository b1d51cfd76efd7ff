import type { KindDefinition } from "../kind-definition.ts";

export const check: KindDefinition = {
  fence: "yaml check",
  label: "Check",
  defaultSource: "from: \nfail:\n  rows: {min: 1}",
  runs: true,
  givesTable: true,
  needs: "engine",
};
