import { parseDocument } from "../../cells/document/parse-document.ts";
import { shownMarks } from "../../cells/monitoring/marked-windows.ts";
import { judgedReadings, type Reading } from "../../cells/results/reading.ts";
import { valueName } from "../../cells/results/value-name.ts";
import { judgedValue, readingUnit } from "../../cells/views/reading-words.ts";
import type { JobSeries } from "../../cells/wire/http-jobs.ts";
import { isoOf } from "../../workspaces/jobs/job-rows.ts";
import type { CellReading } from "../../workspaces/jobs/run-result.ts";
import { HttpError } from "../http-error.ts";
import type { Services } from "../services.ts";

interface Asked {
  readonly value?: string | null | undefined;
  readonly slice?: string | null | undefined;
}

const NOTHING: JobSeries = { values: [], of: null, points: [], fired: [], marks: [] };

/**
 * The course of one value over the due times of a job, and where it fired. Unless it is named: the value that fired most,
 * else the notebook's headline, else the first that has a bound. Over all rows, or over those of a slice.
 */
export function seriesView(
  services: Pick<Services, "jobs" | "alerts" | "workspace">,
  job: string,
  { value: asked = null, slice = null }: Asked,
): JobSeries {
  const { jobs, alerts, workspace } = services;
  const last = jobs.history.lastMeasured(job);
  if (last === null) return NOTHING;
  const measured = new Map<string, CellReading>();
  for (const one of jobs.history.measured(last.id))
    if (one.reading.slice === slice && judgedReadings([one.reading]).length > 0 && !measured.has(nameOf(one)))
      measured.set(nameOf(one), one);
  if (measured.size === 0) return NOTHING;
  const now = Date.now();
  const fired = [...alerts.store.list("history", now, { job }), ...alerts.store.list("open", now, { job })].flatMap(
    ({ id, cell, metric, subject, firedMillis, endedMillis, ...one }) =>
      cell === null || metric === null || one.slice !== slice || firedMillis === null
        ? []
        : [{ name: valueName({ cell, metric, subject }), alert: id, firedMillis, endedMillis }],
  );
  const { text, contracts } = jobs.known.version(job, last.version).frozen;
  const chosen =
    asked ?? mostOf(fired.map(({ name }) => name).filter((name) => measured.has(name))) ?? headline(text, measured);
  const found = measured.get(chosen);
  if (found === undefined)
    throw new HttpError(404, `The last run of ${job} measured no ${chosen}${slice === null ? "" : ` of ${slice}`}.`, {
      hint: `It measured ${[...measured.keys()].slice(0, 20).join(", ")}.`,
    });
  const { cell, kind, reading } = found;
  const { metric, subject } = reading;
  const points = jobs.history.series({ job, cell, metric, subject, slice });
  const isOther = judgedValue(reading) !== reading.value;
  const isOfJudged = isOther && points.every(({ value, judged }) => value === null || judged !== null);
  return {
    values: [...measured.keys()],
    of: {
      ...{ name: chosen, cell, metric, subject, slice, kind, unit: readingUnit(reading), isOfJudged },
      // Bounds of another number than the one that is drawn would mislead.
      bounds: isOther && !isOfJudged ? { warn: null, fail: null } : reading.bounds,
    },
    points,
    fired: fired
      .filter(({ name }) => name === chosen)
      .map(({ alert, firedMillis, endedMillis }) => ({
        ...{ alert, from: isoOf(firedMillis), to: endedMillis === null ? null : isoOf(endedMillis) },
      }))
      .toSorted((a, b) => a.from.localeCompare(b.from)),
    marks: shownMarks(
      workspace.marks.list(null),
      contracts.map(({ stream }) => ({ stream, window: null })),
    ),
  };
}

const nameOf = ({ cell, reading }: CellReading): string => valueName({ cell, ...reading });

function mostOf(names: readonly string[]): string | null {
  const counts = Map.groupBy(names, (name) => name);
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
}

function headline(text: string, measured: ReadonlyMap<string, CellReading>): string {
  const named = parseDocument(text).document.frontMatter.headline.find((name) => measured.has(name));
  const hasBound = ({ bounds }: Reading): boolean => bounds.fail !== null || bounds.warn !== null;
  const judged = [...measured].find(([, { reading }]) => hasBound(reading));
  return named ?? judged?.[0] ?? measured.keys().next().value!;
}
