import type { KindDefinition } from "../kind-definition.ts";

export const prose: KindDefinition = {
  fence: null,
  label: "Prose",
  defaultSource: "",
  runs: true,
  givesTable: false,
  needs: "kernel-for-expressions",
};
