import { kpiSpec } from "../kinds/kpi/kpi-spec.ts";
import { parseYaml } from "../yaml/read-yaml.ts";
import { mentions, tokensOf } from "./sql-words.ts";

/** Metrics that a kpi cell defines itself from a personal column, other than to count it. `known` in lower case. */
export function personalMetrics(source: string, known: ReadonlySet<string>): string[] {
  const read = parseYaml(source, kpiSpec);
  if (!read.ok) return [];
  return Object.entries(read.value.define ?? {}).flatMap(([name, sql]) =>
    mentions(tokensOf(sql), known) ? [name] : [],
  );
}
