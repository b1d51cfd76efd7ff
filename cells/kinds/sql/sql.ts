import type { KindDefinition } from "../kind-definition.ts";

export const sql: KindDefinition = {
  fence: "sql",
  label: "SQL",
  defaultSource: "",
  runs: true,
  givesTable: true,
  needs: "engine",
};
