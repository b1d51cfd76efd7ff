import type { z } from "zod";
import { parseYaml, type YamlRead } from "../../yaml/read-yaml.ts";
import { type InputSpec, inputSpec } from "./input-spec.ts";

/** Reads an input cell's source into a complete spec; problems carry line and column of the source. Never throws. */
export function toInput(source: string): YamlRead<InputSpec> {
  const read = parseYaml(source, inputSpec);
  return read.ok ? { ok: true, value: complete(read.value) } : read;
}

/** The one place where defaults are decided. */
function complete(spec: z.output<typeof inputSpec>): InputSpec {
  const label = spec.label ?? null;
  switch (spec.type) {
    case "number": {
      const { min = null, max = null, step = null, unit = null } = spec;
      return { type: "number", label, default: spec.default ?? clamp(0, min, max), min, max, step, unit };
    }
    case "slider": {
      const { min, max, unit = null } = spec;
      const step = spec.step ?? (max > min ? (max - min) / 100 : 1);
      return { type: "slider", label, default: spec.default ?? min, min, max, step, unit };
    }
    case "select": {
      const options = spec.options.map((entry) =>
        typeof entry === "object" ? entry : { value: entry, label: String(entry) },
      );
      return { type: "select", label, options, default: spec.default ?? options[0]!.value };
    }
    case "text":
      return { type: "text", label, default: spec.default ?? "", placeholder: spec.placeholder ?? "" };
    case "date":
      return { type: "date", label, default: spec.default ?? null, min: spec.min ?? null, max: spec.max ?? null };
    case "window":
      return { type: "window", label, default: spec.default ?? null };
    case "toggle":
      return { type: "toggle", label, default: spec.default ?? false };
  }
}

function clamp(value: number, min: number | null, max: number | null): number {
  return Math.min(Math.max(value, min ?? value), max ?? Number.POSITIVE_INFINITY);
}
