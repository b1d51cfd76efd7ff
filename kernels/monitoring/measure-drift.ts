import type { SubjectProblem } from "../../cells/kinds/drift/asked-metrics.ts";
import type { SubjectCounts } from "../../cells/kinds/drift/drift-counts.ts";
import * as plan from "../../cells/kinds/drift/drift-plan.ts";
import type { DriftSpec } from "../../cells/kinds/drift/drift-spec.ts";
import { isNumericType, type MonitoredColumn, type Selection } from "../../cells/monitoring/selection.ts";
import { duckdbDialect } from "../dialects/duckdb-dialect.ts";
import type { Asking } from "./ask.ts";
import { type Binned, bin, hasFewValues } from "./bin-numbers.ts";
import { comparableColumns } from "./compared-columns.ts";
import { Copies } from "./copies.ts";
import { countCategories } from "./count-categories.ts";
import { countNumeric } from "./count-numbers.ts";
import type { DriftSides } from "./drift-sides.ts";
import { askKept } from "./profiles.ts";

/** Columns whose lists of values are sorted together: a million doubles take 8 MB. */
const SORTED_TOGETHER = 8;

const AGGREGATED_TOGETHER = 64;

const dialect = duckdbDialect;

export interface DriftCounts {
  readonly nReference: number;
  readonly nCurrent: number;
  readonly subjects: readonly SubjectCounts[];
  readonly notCompared: readonly { readonly subject: string; readonly reason: string }[];
  /** Columns that are asked for and cannot be compared. */
  readonly problems: readonly SubjectProblem[];
}

/** Values of both sides that are copied, where a dozen statements over the copy cost less than over the files. */
const MOST_COPIED = 4_000_000;

/**
 * Counts and sums of both samples, from as few scans as they need. Rows stay in the engine; few enough of them are brought
 * together there once, in tables called after the cell's `name`.
 */
export async function measureDrift(
  asking: Asking,
  spec: DriftSpec,
  sides: DriftSides,
  name: string,
): Promise<DriftCounts> {
  const { reference, current, slices } = sides;
  const problems: SubjectProblem[] = [];
  const columns = comparableColumns(spec, sides, problems);
  const texts = [...columns.map((column) => column.name), slices?.expression ?? ""];
  const copies = new Copies(
    asking,
    // Over time, days come from kept counts, and each statement reads its own stretch.
    spec.every !== null
      ? []
      : [
          { selection: reference, name: `${name} reference`, texts },
          { selection: current, name: `${name} current`, texts },
        ],
    Math.floor(MOST_COPIED / Math.max(1, columns.length)),
  );
  const copied = { ...asking, copies };
  try {
    // How many rows a whole relation has its files say without being read.
    const by = ({ window, where }: Selection) => (window === null && where === null ? asking : copied);
    const nReference = await count(by(reference), reference, "reference");
    const nCurrent = await count(by(current), current, "current");
    const values = (nReference + nCurrent) * columns.length;
    const isLarge = values > MOST_COPIED || Math.max(nReference, nCurrent) > plan.EXACT_ROWS;
    if (isLarge) await copies.drop();
    return await counted(isLarge ? asking : copied, spec, sides, { columns, problems, nReference, nCurrent });
  } finally {
    await copies.drop();
  }
}

interface KnownSides extends Pick<DriftCounts, "nReference" | "nCurrent"> {
  readonly columns: readonly MonitoredColumn[];
  readonly problems: SubjectProblem[];
}

async function counted(
  asking: Asking,
  spec: DriftSpec,
  sides: DriftSides,
  { columns, problems, nReference, nCurrent }: KnownSides,
): Promise<DriftCounts> {
  const { reference } = sides;
  const exact = spec.exact || Math.max(nReference, nCurrent) <= plan.EXACT_ROWS;
  const notCompared: { subject: string; reason: string }[] = [];
  const numeric: Binned[] = [];
  const categorical: MonitoredColumn[] = [];
  const asNumbers: MonitoredColumn[] = [];
  for (const column of columns) {
    const kind = spec.types[column.name] ?? (isNumericType(column.type) ? "numeric" : "categorical");
    (kind === "numeric" ? asNumbers : categorical).push(column);
  }
  for (let at = 0; at < asNumbers.length; at += SORTED_TOGETHER)
    for (const binned of await bin(asking, reference, asNumbers.slice(at, at + SORTED_TOGETHER), nReference)) {
      const forced = spec.types[binned.column.name] === "numeric";
      if (forced || !(await hasFewValues(asking, reference, binned))) numeric.push(binned);
      else categorical.push(binned.column);
    }
  const subjects: SubjectCounts[] = [];
  for (let at = 0; at < numeric.length; at += AGGREGATED_TOGETHER)
    subjects.push(
      ...(await countNumeric(asking, sides, spec, numeric.slice(at, at + AGGREGATED_TOGETHER), exact, nReference)),
    );
  for (const column of categorical) {
    const found = await countCategories(asking, sides, spec, column);
    if (typeof found === "string") notCompared.push({ subject: column.name, reason: found });
    else subjects.push(found);
  }
  const order = new Map(columns.map(({ name }, at) => [name, at]));
  return {
    nReference,
    nCurrent,
    notCompared,
    problems,
    subjects: subjects.toSorted((a, b) => order.get(a.subject)! - order.get(b.subject)!),
  };
}

async function count(asking: Asking, selection: Selection, title: string): Promise<number> {
  const [row] = await askKept(asking, `rows of the ${title}`, plan.countRows(selection, dialect), selection);
  return Number(row!.n);
}
