import type { Selection } from "../../cells/monitoring/selection.ts";
import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { digest } from "../../cells/staleness/digest.ts";
import { compareInstants } from "../../cells/time/instant.ts";
import { resolveWindow, unitAfter } from "../../cells/time/resolve-window.ts";
import { wallTimeOf } from "../../cells/time/zone.ts";
import { type Asking, ask } from "./ask.ts";

/** What a relation's rows come from, where it can be told whether they changed. */
export type Source = NonNullable<Selection["relation"]["source"]>;

/**
 * Counts and sums that were made before, by what they were made of. Whoever keeps them may forget them at any time: they
 * are made again from the rows.
 */
export interface Profiles {
  /** Changes with every row of the window (or of all time); null where that cannot be told. */
  contentOf(source: Source, window: ResolvedWindow | null): string | null;
  load(key: string): Promise<Uint8Array | null>;
  keep(key: string, bytes: Uint8Array): Promise<void>;
}

type Row = Record<string, unknown>;

/** The statement's rows, from the profile of the same statement over the same rows if there is one. */
export async function askKept(asking: Asking, title: string, sql: string, selection: Selection): Promise<Row[]> {
  const key = keyOf(asking, sql, selection, selection.window);
  if (key === null) return ask(asking, title, sql);
  const known = await loaded(asking, key);
  if (known !== null) return known;
  const rows = await ask(asking, title, sql);
  await keep(asking, key, rows);
  return plainRows(rows);
}

/**
 * Rows by day of time, in the column `chunk`, for a window: days whose rows did not change come from their profiles, the
 * others from one statement over the stretch that holds them all. `statement` must give each day's rows by themselves.
 */
export async function askByDay(
  asking: Asking,
  title: string,
  statement: (selection: Selection) => string,
  selection: Selection,
  zone: string,
): Promise<Row[]> {
  const days = selection.window === null ? null : daysOf(selection.window, zone);
  // Long, with all its edges: it is digested once and not for each day.
  const question = digest(statement({ ...selection, window: null }));
  const keys = days?.map((day) => (day.isWhole ? keyOf(asking, question, selection, day) : null));
  if (days === null || keys === undefined || keys.every((key) => key === null))
    return ask(asking, title, statement(selection));
  const known = await Promise.all(keys.map((key) => (key === null ? null : loaded(asking, key))));
  const missing = days.filter((_, at) => known[at] === null);
  if (missing.length === 0) return known.flatMap((rows) => rows!);
  const stretch = { start: missing[0]!.start, end: missing.at(-1)!.end };
  const rows = plainRows(await ask(asking, title, statement({ ...selection, window: stretch })));
  const byDay = Map.groupBy(rows, (row) => String(row.chunk));
  const found: Row[] = [];
  for (const [at, day] of days.entries()) {
    const own = known[at] ?? byDay.get(day.wall) ?? [];
    if (known[at] === null && keys[at] != null) await keep(asking, keys[at], own);
    found.push(...own);
  }
  return found;
}

function keyOf(
  { profiles }: Asking,
  question: string,
  { relation, excluded }: Selection,
  window: ResolvedWindow | null,
): string | null {
  if (profiles == null || relation.source === null) return null;
  const content = profiles.contentOf(relation.source, window);
  return content === null ? null : digest(JSON.stringify([FORMAT, question, window, excluded, content]));
}

/** Raised when the statements' meaning changes but not their text. */
const FORMAT = 1;

async function loaded({ profiles }: Asking, key: string): Promise<Row[] | null> {
  const bytes = (await profiles?.load(key)) ?? null;
  if (bytes === null) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Row[];
  } catch {
    return null; // Torn by a power failure: it is counted anew, and kept again.
  }
}

async function keep({ profiles }: Asking, key: string, rows: readonly Row[]): Promise<void> {
  await profiles?.keep(key, new TextEncoder().encode(JSON.stringify(plainRows(rows))));
}

/** Lists as plain arrays, as they are after a way through JSON. */
function plainRows(rows: readonly Row[]): Row[] {
  const plain = (value: unknown): unknown =>
    value !== null && typeof value === "object" && Symbol.iterator in value
      ? Array.from(value as Iterable<unknown>, (one) => (typeof one === "bigint" ? Number(one) : one))
      : typeof value === "bigint"
        ? Number(value)
        : value;
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])));
}

interface Day extends ResolvedWindow {
  /** Of its start on the zone's wall, as the engine writes it. */
  readonly wall: string;
  /** False where the window cuts it. */
  readonly isWhole: boolean;
}

const MOST_DAYS = 4000;

/** Each statement of a cell asks for the same days. */
const knownDays = new WeakMap<ResolvedWindow, { readonly zone: string; readonly days: Day[] | null }>();

function daysOf(window: ResolvedWindow, zone: string): Day[] | null {
  const known = knownDays.get(window);
  if (known?.zone === zone) return known.days;
  const days = cutIntoDays(window, zone);
  knownDays.set(window, { zone, days });
  return days;
}

function cutIntoDays({ start, end }: ResolvedWindow, zone: string): Day[] | null {
  const first = resolveWindow({ type: "this", unit: "day" }, { at: start, zone });
  if (!first.ok) return null;
  const found: Day[] = [];
  for (let from = first.window.start; compareInstants(from, end) < 0; ) {
    const to = unitAfter(from, 1, "day", zone);
    const isWhole = compareInstants(from, start) >= 0 && compareInstants(to, end) <= 0;
    found.push({
      start: compareInstants(from, start) < 0 ? start : from,
      end: compareInstants(to, end) > 0 ? end : to,
      wall: wallText(from, zone),
      isWhole,
    });
    from = to;
    if (found.length > MOST_DAYS) return null;
  }
  return found;
}

function wallText(iso: string, zone: string): string {
  const { year, month, day } = wallTimeOf(Date.parse(iso), zone);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} 00:00:00`;
}
