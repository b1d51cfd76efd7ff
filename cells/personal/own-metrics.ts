import { kpiSpec } from "../kinds/kpi/kpi-spec.ts";
import { parseYaml } from "../yaml/read-yaml.ts";
import { isWord, mentions, tokensOf, uncounted } from "./sql-words.ts";

/**
 * Metrics that a kpi cell defines itself from a personal column, other than to count it. `known` in lower case; null where
 * every column may be personal.
 */
export function personalMetrics(source: string, known: ReadonlySet<string> | null): string[] {
  const read = parseYaml(source, kpiSpec);
  if (!read.ok) return [];
  return Object.entries(read.value.define ?? {}).flatMap(([name, sql]) =>
    (known === null ? namesAny(tokensOf(sql)) : mentions(tokensOf(sql), known)) ? [name] : [],
  );
}

const namesAny = (tokens: readonly string[]): boolean =>
  uncounted(tokens).some((token, at, all) => isWord(token) && all[at + 1] !== "(");
