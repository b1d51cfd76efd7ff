import type { KindDefinition } from "../kind-definition.ts";

export const kpi: KindDefinition = {
  fence: "yaml kpi",
  label: "KPI",
  defaultSource: "from: ",
  runs: true,
  givesTable: true,
  needs: "engine",
};
