import { z } from "zod";
import { parseWindow, UNITS, type Unit } from "../time/window.ts";

/** A value that an expression gives when the cell runs: `${threshold}`. */
export const EXPRESSION = /^\s*\$\{[^}]+\}\s*$/;
const expression = z.string().regex(EXPRESSION, "expected ${a name}");

/** A number, or an expression that gives one. */
export const numberOrExpression = (inner: z.ZodNumber): z.ZodUnion<[z.ZodNumber, typeof expression]> =>
  z.union([inner, expression]);

export const windowText = z.string().superRefine((text, context) => {
  if (EXPRESSION.test(text)) return;
  const read = parseWindow(text);
  if (!read.ok) context.addIssue({ code: "custom", message: read.problem });
});

/** "4 weeks", as `parseChunk` reads it; `examples` are some that fit the key. */
export const lengthOfTime = (examples: string): z.ZodString =>
  z.string().superRefine((text, context) => {
    if (parseChunk(text) === null)
      context.addIssue({
        code: "custom",
        message: `${JSON.stringify(text)} is no length of time; expected one such as ${examples}`,
      });
  });

export interface Chunk {
  readonly count: number;
  readonly unit: Unit;
}

/** "1 day", "6 hours", "week"; null for anything else. */
export function parseChunk(text: string): Chunk | null {
  const found = /^(?:(\d+) )?([a-z]+?)s?$/.exec(text.trim().toLowerCase().replace(/\s+/g, " "));
  const unit = UNITS.find((candidate) => candidate === found?.[2]);
  const count = Number(found?.[1] ?? 1);
  return unit === undefined || count < 1 || count > 10_000 ? null : { count, unit };
}

export const lengthText = ({ count, unit }: Chunk): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

export const oneOrMore = <T extends z.ZodType>(item: T): z.ZodUnion<[T, z.ZodArray<T>]> =>
  z.union([item, z.array(item).min(1)]);

export const boundTable = z.record(z.string(), z.union([z.number(), z.string()]));

/** The keys that all monitoring cells share, as written. */
export const commonKeys = {
  from: z.string().min(1),
  where: z.string().optional(),
  window: windowText.optional(),
  by: oneOrMore(z.string()).optional(),
  every: lengthOfTime("1 day or 1 week").optional(),
  min_rows: numberOrExpression(z.int().min(1)).optional(),
};

export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;
