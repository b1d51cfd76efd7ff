import type { KindDefinition } from "../kind-definition.ts";

export const drift: KindDefinition = {
  fence: "yaml drift",
  label: "Drift",
  defaultSource: "from: \nreference: 28 days before",
  runs: true,
  givesTable: true,
  needs: "engine",
};
