import type { KindDefinition } from "../kind-definition.ts";

export const input: KindDefinition = {
  fence: "yaml input",
  label: "Input",
  defaultSource: "type: slider\ndefault: 0.5\nmin: 0\nmax: 1\nstep: 0.01",
  runs: true,
  givesTable: false,
  needs: "nothing",
};
