import type { z } from "zod";
import { checkRelations, checkSpec, writtenCheck } from "../kinds/check/check-spec.ts";
import { driftSpec } from "../kinds/drift/drift-spec.ts";
import type { MonitoringKind } from "../kinds/kinds.ts";
import { kpiSpec } from "../kinds/kpi/kpi-spec.ts";
import { parseYaml, type YamlRead } from "../yaml/read-yaml.ts";
import { windowText } from "./monitoring-keys.ts";
import { expressionsIn } from "./parameters.ts";

interface Parts {
  /** As people write it. */
  readonly schema: z.ZodType;
  /** With expressions filled in. */
  readonly filled: z.ZodType;
  /** What stands where a relation can: names of streams, cells, files. */
  readonly relations: (written: never) => readonly string[];
}

const isWindow = (text: string): boolean => windowText.safeParse(text).success;

const PARTS: Record<MonitoringKind, Parts> = {
  drift: {
    schema: driftSpec,
    filled: driftSpec,
    relations: ({ from, reference }: z.output<typeof driftSpec>) => {
      const other = typeof reference === "string" ? (isWindow(reference) ? undefined : reference) : reference.from;
      return other === undefined ? [from] : [from, other];
    },
  },
  kpi: { schema: kpiSpec, filled: kpiSpec, relations: ({ from }: z.output<typeof kpiSpec>) => [from] },
  check: { schema: writtenCheck, filled: checkSpec, relations: checkRelations },
};

export interface MonitoringSource {
  /** The spec as written, expressions not filled in. */
  readonly written: unknown;
  /** Sources of the `${…}` in it. */
  readonly expressions: readonly string[];
  readonly relations: readonly string[];
  /** The cell has no window of its own. */
  readonly takesWindow: boolean;
}

/** Reads a monitoring cell's source; problems carry line and column. Never throws. */
export function readMonitoring(kind: MonitoringKind, source: string): YamlRead<MonitoringSource> {
  const { schema, relations } = PARTS[kind];
  const read = parseYaml(source, schema);
  if (!read.ok) return read;
  const written = read.value as { readonly window?: string };
  return {
    ok: true,
    value: {
      written,
      expressions: expressionsIn(written),
      relations: relations(written as never),
      takesWindow: written.window === undefined,
    },
  };
}

/** The same spec again with its expressions filled in; a sentence for the first problem. */
export function checkFilledIn(
  kind: MonitoringKind,
  filled: unknown,
): { readonly value: unknown; readonly problem: string | null } {
  const read = PARTS[kind].filled.safeParse(filled);
  if (read.success) return { value: read.data, problem: null };
  const [issue] = read.error.issues;
  return { value: null, problem: `${issue!.path.map(String).join(".")}: ${issue!.message}` };
}
