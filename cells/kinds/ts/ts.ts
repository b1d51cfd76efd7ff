import type { KindDefinition } from "../kind-definition.ts";

export const ts: KindDefinition = {
  fence: "ts",
  label: "TypeScript",
  defaultSource: "",
  runs: true,
  givesTable: false,
  needs: "kernel",
};
