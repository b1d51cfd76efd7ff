import { z } from "zod";
import { type Chunk, commonKeys, listOf, oneOrMore, parseChunk } from "../../monitoring/monitoring-keys.ts";
import { DEFAULT_MIN_ROWS } from "../drift/drift-spec.ts";

type Or = <T extends z.ZodType>(inner: T) => T;

/** Filled in, every number is one. */
const exactly: Or = (inner) => inner;

/** As written, `${…}` may stand for a number or be a part of one: what it gives is checked when the cell runs. */
const orExpression: Or = <T extends z.ZodType>(inner: T): T => {
  const read = z.unknown().superRefine((value, context) => {
    if (typeof value === "string" && EMBEDDED.test(value)) return;
    const { error } = inner.safeParse(value);
    for (const issue of error?.issues ?? []) context.addIssue({ ...issue, input: value } as never);
  });
  // Its output is read for names of relations alone, which are no numbers.
  return read as unknown as T;
};
const EMBEDDED = /\$\{[^}]+\}/;

const anyShare = z.union([
  z.number().min(0).max(1),
  z.string().regex(/^\s*\d+(\.\d+)?\s*%\s*$/, "expected a share such as 5% or 0.05"),
]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const anyDuration = z
  .string()
  .regex(/^\s*\d+(\.\d+)?\s*(second|minute|hour|day|week)s?\s*$/i, "expected a duration such as 2 hours");
const perColumn = <T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> => z.record(z.string(), value);

/** One level's expectations, by the names of surface.md. */
function expectationsWith(or: Or) {
  const [share, duration] = [or(anyShare), or(anyDuration)];
  const number = or(z.number());
  const edge = or(z.number().nullable());
  const span = z.tuple([edge, edge]);
  const least = { min: number.optional(), max: number.optional() };
  const statistic = perColumn(z.union([span, z.strictObject(least)]));
  return z.strictObject({
    rows: z
      .union([
        z.strictObject({ min: or(z.int()).optional(), max: or(z.int()).optional() }),
        z.strictObject({ like: z.enum(["same weekday", "previous"]), within: share }),
      ])
      .optional(),
    fresh: duration.optional(),
    schema: z
      .strictObject({ columns: z.record(z.string(), z.string()).optional(), only: z.boolean().optional() })
      .optional(),
    missing: perColumn(share).optional(),
    empty: perColumn(share).optional(),
    unique: z
      .array(z.union([z.string(), z.array(z.string()).min(1)]))
      .min(1)
      .optional(),
    duplicates: or(z.union([anyShare, z.int().min(0)])).optional(),
    references: perColumn(z.strictObject({ from: z.string(), column: z.string() })).optional(),
    range: perColumn(span).optional(),
    values: perColumn(z.array(scalar).min(1)).optional(),
    pattern: perColumn(z.string()).optional(),
    parse: perColumn(z.enum(["number", "integer", "timestamp", "date", "boolean", "json"])).optional(),
    length: perColumn(span).optional(),
    compare: z
      .array(
        z
          .string()
          .regex(/^\s*\S.*?\s*(<=|>=|=|<>|!=|<|>)\s*\S.*$/, "expected two columns compared, such as start <= end"),
      )
      .min(1)
      .optional(),
    sum: statistic.optional(),
    mean: statistic.optional(),
    std: statistic.optional(),
    quantile: perColumn(z.strictObject({ at: or(z.number().min(0).max(1)), ...least })).optional(),
    zeros: perColumn(share).optional(),
    distinct: statistic.optional(),
    constant: oneOrMore(z.string()).optional(),
    most_common: perColumn(share).optional(),
    distance: perColumn(z.strictObject({ window: z.string(), max: or(z.number().positive()) })).optional(),
    future: oneOrMore(z.string()).optional(),
    order: perColumn(z.string()).optional(),
    gaps: perColumn(duration).optional(),
    labels: z.strictObject({ known: z.array(scalar).optional(), conflicting: share.optional() }).optional(),
    no_rows: z.record(z.string(), z.string()).optional(),
  });
}
const expectations = expectationsWith(exactly);
export type Expectations = z.output<typeof expectations>;
export type CheckName = keyof Expectations;

const specOf = (level: typeof expectations) =>
  z.strictObject({ ...commonKeys, warn: level.optional(), fail: level.optional() }).superRefine((spec, context) => {
    const count = Object.keys(spec.warn ?? {}).length + Object.keys(spec.fail ?? {}).length;
    if (count === 0)
      context.addIssue({ code: "custom", path: [], message: "expected at least one expectation under fail or warn" });
  });

/** The YAML of a check cell as people write it. */
export const writtenCheck = specOf(expectationsWith(orExpression));
/** The same with its expressions filled in. */
export const checkSpec = specOf(expectations);

export interface CheckSpec {
  readonly from: string;
  readonly where: string | null;
  readonly window: string | null;
  readonly by: readonly string[];
  readonly every: Chunk | null;
  /** With fewer rows only what is said of the rows themselves is judged. */
  readonly minRows: number;
  /** With fewer values on either side a distance is not judged, as in a drift cell. */
  readonly minDistanceRows: number;
  readonly levels: readonly { readonly level: "warn" | "fail"; readonly expected: Expectations }[];
}

export function toCheck(written: z.output<typeof checkSpec>): CheckSpec {
  return {
    from: written.from,
    where: written.where ?? null,
    window: written.window ?? null,
    by: listOf(written.by),
    every: written.every === undefined ? null : parseChunk(written.every),
    minRows: Number(written.min_rows ?? 1),
    minDistanceRows: Number(written.min_rows ?? DEFAULT_MIN_ROWS),
    levels: (["fail", "warn"] as const).flatMap((level) => {
      const expected = written[level];
      return expected === undefined ? [] : [{ level, expected }];
    }),
  };
}

export function checkRelations(written: z.output<typeof checkSpec>): readonly string[] {
  const others = [written.warn, written.fail].flatMap((level) =>
    Object.values(level?.references ?? {}).map(({ from }) => from),
  );
  return [written.from, ...new Set(others)];
}

/** "5%" or 0.05 as a share. */
export const shareOf = (written: number | string): number =>
  typeof written === "number" ? written : Number(written.replace("%", "").trim()) / 100;

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
/** "2 hours" in seconds. */
export function secondsOf(written: string): number {
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*$/i.exec(written) ?? [];
  return Number(count) * (SECONDS[(unit ?? "").toLowerCase()] ?? Number.NaN);
}
