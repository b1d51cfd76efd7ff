import type { Document } from "../../cells/document/document.ts";
import type { PageTable } from "../../cells/page/page-parts.ts";
import { reportSelection } from "../../cells/page/report-selection.ts";
import { valueText } from "../../cells/page/variant-text.ts";
import type { ContractColumns } from "../../cells/personal/contract-columns.ts";
import { measuredWindows } from "../../cells/results/measured-windows.ts";
import type { SessionState } from "../../cells/session/state.ts";
import { MOST_VARIANTS, type ReportChoices, type ReportSource, type Revision } from "../../cells/wire/http-reports.ts";
import type { NotebookOutcome } from "../../kernels/session/run-notebook.ts";
import type { Contract } from "../../workspaces/contracts/contract.ts";
import { type ReportStore, SlugTaken } from "../../workspaces/reports/report-store.ts";
import { HttpError } from "../http-error.ts";
import { drawReport } from "./draw-report.ts";
import { headlineOf } from "./headline.ts";

/** What a finished run gave; of `state` the document, its analyses and the runs of its cells count. */
export interface FinishedRun {
  /** Values of inputs that were given. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly outcome: Pick<NotebookOutcome, "cells" | "window" | "asOf" | "verdict">;
  readonly state: Pick<SessionState, "document" | "analyses" | "runs" | "path">;
}

export interface RevisionWish {
  readonly slug: string;
  readonly title: string;
  /** One for each variant; the first is shown first. */
  readonly runs: readonly [FinishedRun, ...FinishedRun[]];
  readonly source: ReportSource;
  /** Names of readings: the notebook's front matter. */
  readonly headline: readonly string[];
  readonly choices: ReportChoices;
  readonly version: Revision["version"];
  readonly rows: Revision["rows"];
  readonly madeBy: string;
  readonly note: string | null;
  readonly approvedBy: string | null;
  /** The due time that the run served; null without a job, and for a run that somebody asked for by hand. */
  readonly scheduledFor: string | null;
  readonly askedFor: Revision["askedFor"];
  /** Whether the address of a withdrawn report of another source is meant. */
  readonly takeOver: boolean;
  /** What runs that follow by themselves are shown with. */
  readonly followed: ReportChoices;
  /** Those that the runs read under: a file that was broken or removed since hides nothing of what they mark personal. */
  readonly contracts: readonly Contract[];
}

export interface PublishParts {
  readonly store: ReportStore;
  readonly zone: string;
  readonly contracts: () => readonly Contract[];
}

/**
 * The next revision of a report from finished runs. One at a time for a slug: pages carry their number.
 * @throws HttpError 409 for a slug of another source
 */
export async function publishRevision(wish: RevisionWish, { store, zone, contracts }: PublishParts): Promise<Revision> {
  const { slug, title, runs, source, choices } = wish;
  if (runs.length > MOST_VARIANTS)
    throw new HttpError(422, `${runs.length} variants; a report has at most ${MOST_VARIANTS}.`);
  const [first] = runs;
  try {
    store.refuseTaken(slug, source, wish);
    const number = store.nextNumber(slug);
    const about = {
      madeAt: new Date().toISOString(),
      version: wish.version,
      rows: wish.rows,
      note: wish.note,
      approvedBy: wish.approvedBy,
      askedFor: wish.askedFor,
    };
    const columns = contractColumns([...wish.contracts, ...contracts()]);
    const selections = runs.map(({ state }) => reportSelection(state, choices, columns));
    const sets = runs.map(({ set }, at) => selections[at]!.set(set));
    if (runs.length > 1) refusePersonalVariants(runs, sets);
    const headline = store.withChanges(slug, headlineOf(wish.headline, first.outcome, first.state, selections[0]!));
    const files = new Map<string, string>();
    const leftOut = new Set<string>();
    for (const [at, { set, outcome, state }] of runs.entries()) {
      const page = await drawReport({
        state: { document: state.document, analyses: state.analyses, runs: state.runs, path: state.path },
        tables: tablesOf(outcome),
        about: {
          ...about,
          title,
          zone,
          revision: number,
          source: sourceText(source),
          set,
          window: pairOf(outcome.window),
          measured: measuredWindows(outcome.cells, state.runs),
          asOf: outcome.asOf,
          verdict: outcome.verdict,
          // Others than the first are what-ifs: nothing came before them.
          headline:
            at === 0
              ? headline
              : headlineOf(wish.headline, outcome, state, selections[at]!).map((one) => ({
                  ...one,
                  before: null,
                  change: null,
                })),
        },
        choices,
        contractColumns: columns,
        tablesAt: { folder: `/r/${slug}/${number}/tables`, query: runs.length === 1 ? "" : `?${variantQuery(set)}` },
      });
      files.set(`${at}/page.html`, page.html);
      for (const { name, csv, json } of page.tables)
        files.set(`${at}/tables/${name}.csv`, csv).set(`${at}/tables/${name}.json`, json);
      for (const sentence of page.leftOut) leftOut.add(sentence);
    }
    return await store.publish(
      {
        ...about,
        slug,
        madeBy: wish.madeBy,
        window: pairOf(first.outcome.window),
        measured: measuredWindows(first.outcome.cells, first.state.runs),
        asOf: first.outcome.asOf,
        verdict: first.outcome.verdict,
        headline,
        source,
        scheduledFor: wish.scheduledFor,
        variants: sets.map((set) => JSON.parse(JSON.stringify(set))),
        leftOut: [...leftOut],
      },
      { number, title, choices: wish.followed, takeOver: wish.takeOver },
      files,
    );
  } catch (error) {
    if (!(error instanceof SlugTaken)) throw error;
    throw new HttpError(409, error.message, { cause: error, hint: error.hint });
  }
}

/** Values of a variant stand in the address of its page. @throws HttpError 422 for those of a personal column */
function refusePersonalVariants(runs: RevisionWish["runs"], sets: readonly Readonly<Record<string, unknown>>[]): void {
  const name = Object.keys(runs[0].set).find((one) => sets.some((set, at) => set[one] !== runs[at]!.set[one]));
  if (name === undefined) return;
  throw new HttpError(
    422,
    `variants: ${name} is compared with a personal column, and its values would stand in the pages’ addresses.`,
    { hint: "Publish with personal columns, or vary another input." },
  );
}

/** Of every stream; who decided, by which model, and what. */
const OF_ALL = ["decision", "model", "model_version", "ruleset_version", "label", "source", "label_source"];

/** What readers may not see and what they may, under the names that views of streams give it. */
export function contractColumns(contracts: readonly Contract[]): ContractColumns {
  const names = (isPersonal: boolean): string[] =>
    contracts.flatMap(({ features, decision }) =>
      features
        .filter(({ personal }) => personal === isPersonal)
        .flatMap(({ name }) => [
          name,
          ...(name === decision.entity ? ["entity_id"] : []),
          ...(name === decision.amount ? ["amount"] : []),
        ]),
    );
  const personal = new Set(names(true));
  return { personal, open: new Set([...OF_ALL, ...names(false)].filter((name) => !personal.has(name))) };
}

/** `threshold=0.8&country=DE`: what a variant's address ends with. */
export function variantQuery(set: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(
    Object.entries(set).map(([name, value]): [string, string] => [name, valueText(value)]),
  ).toString();
}

export const sourceText = ({ notebook, job }: ReportSource): string =>
  job === null ? notebook : `the job ${job} (${notebook})`;

export function tablesOf({ cells }: Pick<NotebookOutcome, "cells">): Map<string, PageTable> {
  return new Map(
    cells.flatMap((cell) => (cell.table === undefined ? [] : [[cell.id, cell.table as PageTable] as const])),
  );
}

/** Streams that a notebook reads, with what is loaded of each. */
export function rowsOf(
  { document, analyses }: { readonly document: Document; readonly analyses: SessionState["analyses"] },
  streams: readonly {
    readonly stream: string;
    readonly figures: { readonly decisions: number; readonly feedback: number } | null;
  }[],
): Revision["rows"] {
  const relations = new Set(document.cells.flatMap(({ id }) => analyses[id]?.relations ?? []));
  return streams
    .filter(({ stream }) =>
      [...relations].some((name) => name === "(measured)" || name === stream || name.startsWith(`${stream}.`)),
    )
    .map(({ stream, figures }) => ({ stream, decisions: figures?.decisions ?? 0, feedback: figures?.feedback ?? 0 }));
}

const pairOf = (window: readonly [string, string] | null): [string, string] | null =>
  window === null ? null : [...window];
