import { z } from "zod";
import { isDate } from "../../time/instant.ts";
import { parseWindow } from "../../time/window.ts";

const label = z.string().max(200).optional();
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const option = z.union([scalar, z.strictObject({ value: scalar, label: z.string() })]);
const day = z.string().refine(isDate, "expected a date such as 2026-03-01");
const finite = z.number().refine(Number.isFinite, "expected a finite number");

/** The YAML of an input cell as people write it; `toInput` completes it. Bounds and default must agree. */
export const inputSpec = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("number"),
      label,
      default: finite.optional(),
      min: finite.optional(),
      max: finite.optional(),
      step: finite.positive().optional(),
      unit: z.string().max(40).optional(),
    }),
    z.strictObject({
      type: z.literal("slider"),
      label,
      default: finite.optional(),
      min: finite,
      max: finite,
      step: finite.positive().optional(),
      unit: z.string().max(40).optional(),
    }),
    z.strictObject({
      type: z.literal("select"),
      label,
      options: z.array(option).min(1).max(10_000),
      default: scalar.optional(),
    }),
    z.strictObject({
      type: z.literal("text"),
      label,
      default: z.string().optional(),
      placeholder: z.string().optional(),
    }),
    z.strictObject({
      type: z.literal("date"),
      label,
      default: day.optional(),
      min: day.optional(),
      max: day.optional(),
    }),
    z.strictObject({ type: z.literal("window"), label, default: windowText().optional() }),
    z.strictObject({ type: z.literal("toggle"), label, default: z.boolean().optional() }),
  ])
  .superRefine((spec, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (spec.type === "number" || spec.type === "slider" || spec.type === "date") {
      const { min, max, default: value } = spec;
      if (min !== undefined && max !== undefined && min > max) refuse("max", `expected at least min, ${min}`);
      else if (value !== undefined && min !== undefined && value < min)
        refuse("default", `expected at least min, ${min}`);
      else if (value !== undefined && max !== undefined && value > max)
        refuse("default", `expected at most max, ${max}`);
    }
    if (spec.type === "select" && spec.default !== undefined) {
      const values = spec.options.map((entry) => (typeof entry === "object" ? entry.value : entry));
      if (!values.includes(spec.default)) refuse("default", `expected one of the options ${values.join(", ")}`);
    }
  });

function windowText() {
  return z.string().superRefine((text, context) => {
    const read = parseWindow(text);
    if (!read.ok) context.addIssue({ code: "custom", message: read.problem });
  });
}

export type InputValue = string | number | boolean | null;

/** An input with everything decided. `default` is null only for a date or a window that names none. */
export type InputSpec =
  | (NumericSpec & {
      readonly type: "number";
      readonly min: number | null;
      readonly max: number | null;
      readonly step: number | null;
    })
  | (NumericSpec & { readonly type: "slider"; readonly min: number; readonly max: number; readonly step: number })
  | {
      readonly type: "select";
      readonly label: string | null;
      readonly options: readonly { readonly value: string | number | boolean; readonly label: string }[];
      readonly default: string | number | boolean;
    }
  | { readonly type: "text"; readonly label: string | null; readonly default: string; readonly placeholder: string }
  | {
      readonly type: "date";
      readonly label: string | null;
      readonly default: string | null;
      readonly min: string | null;
      readonly max: string | null;
    }
  /** Values are the notation as written; null is the notebook's own window. */
  | { readonly type: "window"; readonly label: string | null; readonly default: string | null }
  | { readonly type: "toggle"; readonly label: string | null; readonly default: boolean };

interface NumericSpec {
  readonly label: string | null;
  readonly default: number;
  readonly unit: string | null;
}
