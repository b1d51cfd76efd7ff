import type { z } from "zod";
import { parseDocument } from "../../cells/document/parse-document.ts";
import { serializeDocument } from "../../cells/document/serialize-document.ts";
import { DueTimes } from "../../cells/jobs/due-times.ts";
import { targetOf } from "../../cells/jobs/job-spec.ts";
import { askedForText } from "../../cells/page/asked-for-text.ts";
import { leftOutOf, tablesOfRows } from "../../cells/page/left-out-of.ts";
import { runsThatTell } from "../../cells/page/runs-that-tell.ts";
import type { SessionState } from "../../cells/session/state.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";
import {
  MOST_VARIANTS,
  type previewWish,
  type Report,
  type ReportChoices,
  type ReportPreview,
  type Revision,
  reportChoices,
  type reportWish,
} from "../../cells/wire/http-reports.ts";
import { Serial } from "../../kernels/lifecycle/serial.ts";
import { RunRefused } from "../../kernels/session/run-notebook.ts";
import type { Contract } from "../../workspaces/contracts/contract.ts";
import { type ReportStore, SlugTaken, type StoredReport } from "../../workspaces/reports/report-store.ts";
import type { Workspace } from "../../workspaces/workspace.ts";
import { HttpError } from "../http-error.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { runWindow } from "../jobs/run-window.ts";
import type { Log } from "../log.ts";
import type { NotebookFiles } from "../notebook-files.ts";
import type { Notebooks } from "../notebooks.ts";
import { contractsOf, type NotebookSessions } from "../sessions.ts";
import { askedForOf, dueTimeOf, follows, LOOKED_AT, lastDone } from "./followed-runs.ts";
import { JobFollower } from "./job-follower.ts";
import { contractColumns, type FinishedRun, publishRevision, rowsOf, tablesOf } from "./publish-revision.ts";
import { staleText } from "./stale-text.ts";
import { waitingText } from "./waiting-text.ts";

type Wish = z.output<typeof reportWish>;

export interface ReportsParts {
  readonly store: ReportStore;
  readonly zone: string;
  readonly workspace: Workspace;
  readonly notebookFiles: NotebookFiles;
  readonly notebooks: Notebooks;
  readonly notebookSessions: NotebookSessions;
  readonly jobs: () => Jobs;
  readonly log: Log;
}

export interface Publisher {
  readonly by: string;
  readonly signal: AbortSignal;
}

/** Published reports of a workspace: makes revisions from notebooks and from runs of jobs; its follower does so as they end. */
export class Reports {
  readonly store: ReportStore;
  readonly follower: JobFollower;
  readonly #parts: ReportsParts;
  /** One revision of a slug at a time: pages carry their number. */
  readonly #turns = new Serial();
  readonly #due = new DueTimes();

  constructor(parts: ReportsParts) {
    this.store = parts.store;
    this.#parts = parts;
    this.follower = new JobFollower({
      ...parts,
      turns: this.#turns,
      kept: (run, analysed) => this.#kept(run, analysed),
      makeRevision: (report, run, finished, inputs) => this.#revisionOfRun(report, run, finished, inputs),
    });
  }

  list(): Report[] {
    return this.store.list().map((report) => this.view(report));
  }

  view(report: StoredReport): Report {
    const { slug, title, notebook, job, choices, revokedAt } = report;
    const latest = this.store.revision(slug, "latest");
    return {
      ...{ slug, title, notebook, job, choices, revokedAt, latest },
      stale: this.stale(report, { reasons: true }),
      waiting: latest === null ? this.#waiting(report) : null,
      revisions: this.store.count(slug),
      links: this.store.links.list(slug),
    };
  }

  #waiting(report: StoredReport): string | null {
    const { job, revokedAt } = report;
    if (job === null || revokedAt !== null) return null;
    const { store, queue } = this.#parts.jobs();
    const known = store.find(job);
    const coming = queue.active(job).filter((run) => follows(report, run));
    const past = coming.filter(({ purpose }) => purpose === "backfill").length;
    return waitingText({
      job,
      paused: known === null ? null : known.pausedBy !== null,
      past,
      // Done, and its page is on its way.
      scheduled: coming.length - past + this.follower.making(report.slug).size,
      nextTime:
        known === null ? null : (this.#due.next(known.plan, Math.max(Date.now(), known.throughMillis))[0] ?? null),
      zone: this.#parts.zone,
    });
  }

  /** Why there should be a newer revision, and since when; null where there should not. */
  stale({ slug, job, revokedAt }: StoredReport, saying: { readonly reasons: boolean }): string | null {
    if (job === null || revokedAt !== null) return null;
    const { store, queue, history } = this.#parts.jobs();
    const known = store.find(job);
    // What is being caught up is on its way.
    const running = queue.active(job).map((run) => new Date(run.scheduledForMillis).toISOString());
    return staleText(
      {
        job,
        paused: known === null ? null : known.pausedBy !== null,
        ticks: history.ticks(job, LOOKED_AT),
        // What was due before somebody asked for the report was never promised by it.
        since: [this.store.lastDue(slug) ?? "", this.store.begunAt(slug)].toSorted().at(-1)!,
        coming: new Set([...running, ...this.follower.making(slug)]),
        problems: this.follower.problems(slug),
        zone: this.#parts.zone,
      },
      saying,
    );
  }

  /** Runs a notebook, once for each variant, or takes a run of a job. @throws HttpError */
  async publish(wish: Wish, publisher: Publisher): Promise<Revision> {
    return this.#turns.run(wish.slug, () =>
      wish.job === undefined ? this.#publishNotebook(wish, publisher) : this.#publishJob(wish.job, wish, publisher.by),
    );
  }

  /** What readers of the next revision would not see, before it is made; nothing is run. @throws HttpError */
  async preview({ notebook, job, run: asked, ...wish }: z.output<typeof previewWish>): Promise<ReportPreview> {
    const choices = { tables: wish.tables, personal: wish.personal };
    if (job !== undefined) {
      const run = this.#runToShow(job, asked);
      const { frozen } = this.#parts.jobs().known.version(job, run.version);
      const columns = contractColumns([...contractsOf(frozen), ...this.#contracts()]);
      const { outcome, state } = await this.#kept(run);
      const rows = tablesOf(outcome);
      return {
        ran: true,
        unknown: [],
        leftOut: leftOutOf(state, rows, choices, columns),
        tables: tablesOfRows(state, rows, choices, columns),
        cautions: this.#cautions(run),
      };
    }
    const columns = contractColumns(this.#contracts());
    const { notebooks, notebookFiles, notebookSessions } = this.#parts;
    const session = (await notebooks.find(notebook!))?.session.state;
    const isAnalysed = session?.document.cells.every(({ id }) => session.analyses[id] !== undefined) ?? false;
    const text =
      session === undefined ? (await notebookFiles.read(notebook!)).text : serializeDocument(session.document);
    const present = session !== undefined && isAnalysed ? session : await notebookSessions.analyse(notebook!, text);
    const state = { ...present, runs: runsThatAllTell(present, wish) };
    const told = state.document.cells.filter(({ kind }) => kind !== "prose" && kind !== "input");
    const unknown = told.filter(({ id }) => state.runs[id] === undefined);
    return {
      ran: unknown.length < told.length,
      unknown: unknown.map((cell) => cell.name ?? cell.id),
      leftOut: leftOutOf(state, new Map(), choices, columns),
      tables: tablesOfRows(state, new Map(), choices, columns),
      cautions: [],
    };
  }

  #cautions(run: Run): string[] {
    const askedFor = this.#askedFor(run);
    if (askedFor === null) return [];
    return [`${askedForText(askedFor)} Readers see it as the newest revision until a scheduled run adds the next.`];
  }

  #askedFor(run: Run): Revision["askedFor"] {
    const { known, store } = this.#parts.jobs();
    const { frozen } = known.version(run.job, run.version);
    const plan = store.find(run.job)?.plan;
    return askedForOf(run, (dueMillis) => (plan === undefined ? null : runWindow(frozen, plan, dueMillis)));
  }

  /** A report that begins with the next run of its job. @throws SlugTaken */
  begin(slug: string, job: string, title: string, choices: ReportChoices): void {
    const { notebook } = targetOf(this.#parts.jobs().store.find(job)!.spec);
    this.store.begin(slug, { title, notebook, job, choices });
  }

  async #publishNotebook(wish: Wish, { by, signal }: Publisher): Promise<Revision> {
    const { slug, note, approvedBy } = wish;
    const notebook = wish.notebook!;
    this.#refuseTaken(slug, { notebook, job: null }, wish);
    const open = await this.#parts.notebooks.find(notebook);
    const text =
      open === null
        ? (await this.#parts.notebookFiles.read(notebook)).text
        : serializeDocument(open.session.state.document);
    const { frontMatter, cells } = parseDocument(text).document;
    refuseUnknownTables(
      wish.tables,
      cells.map((cell) => cell.name ?? cell.id),
      notebook,
    );
    const under = this.#contracts();
    const runs: FinishedRun[] = [];
    let asOf = wish.asOf;
    for (const variant of combinations(wish.variants)) {
      const set = { ...wish.set, ...variant };
      const ran = await this.#run(notebook, text, { set, asOf, window: wish.window, signal });
      // All variants are of one moment.
      asOf ??= ran.outcome.asOf;
      runs.push({ ...ran, set });
    }
    const [first, ...more] = runs as [FinishedRun, ...FinishedRun[]];
    const contracts = this.#contracts();
    return publishRevision(
      {
        ...{
          slug,
          note,
          approvedBy,
          madeBy: by,
          choices: reportChoices.parse(wish),
          followed: reportChoices.parse(wish),
          scheduledFor: null,
          askedFor: null,
          version: null,
          takeOver: wish.takeOver,
          contracts: under,
        },
        title: wish.title ?? frontMatter.title ?? notebook,
        runs: [first, ...more],
        headline: frontMatter.headline,
        source: { notebook, job: null, run: null },
        rows: rowsOf(
          first.state,
          contracts.map(({ stream }) => ({ stream, figures: this.#parts.workspace.figures(stream) })),
        ),
      },
      this.#publishParts(),
    );
  }

  async #run(
    notebook: string,
    text: string,
    wish: { set: Record<string, unknown>; asOf: string | undefined; window: string | undefined; signal: AbortSignal },
  ) {
    const { set, asOf, window, signal } = wish;
    try {
      const ran = await this.#parts.notebookSessions.run(notebook, text, {
        ...{ set, signal },
        ...(asOf === undefined ? {} : { asOf }),
        ...(window === undefined ? {} : { window }),
      });
      signal.throwIfAborted();
      const failed = ran.outcome.cells.find(({ status }) => status === "error");
      if (failed !== undefined)
        throw new HttpError(
          422,
          `The cell ${failed.name ?? failed.id} failed: ${failed.error?.message ?? "no reason was given"}`,
          {
            hint: "A report is published when every cell runs: repair the cell or take it out.",
          },
        );
      return ran;
    } catch (error) {
      if (error instanceof RunRefused) throw new HttpError(422, error.message, { cause: error });
      throw error;
    }
  }

  async #publishJob(job: string, wish: Wish, by: string): Promise<Revision> {
    const { slug } = wish;
    if (
      Object.keys(wish.variants).length + Object.keys(wish.set).length > 0 ||
      wish.window !== undefined ||
      wish.asOf !== undefined
    )
      throw new HttpError(
        422,
        "A report of a job shows what the job's run gave: set, window, asOf and variants are the job's.",
        {
          hint: "Publish the notebook instead, or change the job.",
        },
      );
    const { jobs } = this.#parts;
    const run = this.#runToShow(job, wish.run);
    const { notebook } = jobs().known.version(job, run.version).frozen;
    this.#refuseTaken(slug, { notebook, job }, wish);
    const known = this.store.ofRun(slug, run.id);
    if (known !== null)
      throw new HttpError(409, `Revision ${known.number} of "${slug}" is of this run already.`, {
        hint: `Publish another run of it: driftbook job runs ${job} lists them.`,
      });
    const before = this.store.find(slug);
    const choices = reportChoices.parse(wish);
    const report = {
      ...{ slug, job, notebook, choices },
      title: wish.title ?? before?.title ?? null,
      // A run asked for by hand is shown as chosen; how those of the schedule are shown stays as it was.
      followed: dueTimeOf(run) === null && before?.revokedAt === null ? before.choices : choices,
      takeOver: wish.takeOver,
    };
    return this.#revisionOfRun(report, run, await this.#kept(run), run.inputs, {
      by,
      note: wish.note,
      approvedBy: wish.approvedBy,
    });
  }

  async #revisionOfRun(
    report: Pick<StoredReport, "slug" | "choices"> & {
      readonly title: string | null;
      readonly followed?: ReportChoices;
      readonly takeOver?: boolean;
    },
    run: Run,
    finished: FinishedRun,
    inputs: Run["inputs"],
    { by, note, approvedBy }: { by: string; note: string | null; approvedBy: string | null } = {
      by: `job ${run.job}`,
      note: null,
      approvedBy: null,
    },
  ): Promise<Revision> {
    const { known } = this.#parts.jobs();
    const version = known.version(run.job, run.version);
    // Its headline is in the file, wherever that is by now.
    const { notebook, cell } = known.frozenNow(version);
    const { title, headline } = await this.#frontMatter(notebook);
    return publishRevision(
      {
        ...{ slug: report.slug, choices: report.choices, madeBy: by, note, approvedBy, headline },
        followed: report.followed ?? report.choices,
        takeOver: report.takeOver ?? false,
        contracts: contractsOf(version.frozen),
        // The notebook's title is of more than a job of one cell shows.
        title: report.title ?? (cell === null ? title : null) ?? run.job,
        runs: [finished],
        source: { notebook, job: run.job, run: run.id },
        version: { number: version.number, hash: version.hash },
        rows: inputs.map(({ stream, decisions, feedback }) => ({ stream, decisions, feedback })),
        scheduledFor: dueTimeOf(run),
        askedFor: this.#askedFor(run),
      },
      this.#publishParts(),
    );
  }

  /** What a run kept of itself, as if it had just ended; its version is analysed unless that is `known`. @throws HttpError 409 */
  async #kept(
    run: Run,
    known: Pick<FinishedRun["state"], "document" | "analyses"> | null = null,
  ): Promise<FinishedRun> {
    const jobs = this.#parts.jobs();
    const output = await jobs.outputs.find(run.job, run.id);
    if (output === null)
      throw new HttpError(409, `The output of run ${run.id} is not kept any more.`, {
        hint: `Run the job again with driftbook job run ${run.job}, then publish.`,
      });
    const { frozen } = jobs.known.version(run.job, run.version);
    const { document, analyses } = known ?? (await this.#parts.notebookSessions.analyse(frozen.notebook, frozen.text));
    const readings = jobs.history.measured(run.id);
    const cells = output.cells.map(({ table, error, ...cell }) => ({
      ...cell,
      kind: cell.kind as SessionState["document"]["cells"][number]["kind"],
      readings: readings.filter((one) => one.cell === (cell.name ?? cell.id)).map(({ reading }) => reading),
      ...(table === null ? {} : { table }),
      ...(error === null ? {} : { error: { message: error.message } }),
    }));
    return {
      set: frozen.set,
      outcome: { cells, window: run.window, asOf: run.asOf!, verdict: run.verdict ?? "no-data" },
      state: { document, analyses, runs: output.runs, path: frozen.notebook },
    };
  }

  /** A version freezes cells, not how the notebook presents itself. */
  async #frontMatter(notebook: string) {
    try {
      return parseDocument((await this.#parts.notebookFiles.read(notebook)).text).document.frontMatter;
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return parseDocument("").document.frontMatter;
      throw error;
    }
  }

  /** The run of a job that a revision is made of: its last scheduled one that is done, or the one asked for. @throws HttpError */
  #runToShow(job: string, asked: string | undefined): Run {
    const { jobs } = this.#parts;
    jobs().known.stored(job);
    const runs = jobs().history.runs(job, LOOKED_AT);
    const run = asked === undefined ? lastDone(runs) : jobs().known.run(job, asked);
    if (run !== null && run.state === "done" && run.asOf !== null) return run;
    if (asked !== undefined)
      throw new HttpError(409, `The run ${asked} is not done.`, {
        hint: `driftbook job runs ${job} lists those that are.`,
      });
    const byHand = runs.find(({ state, asOf }) => state === "done" && asOf !== null);
    throw new HttpError(409, `The job ${job} has no scheduled run that is done.`, {
      hint:
        byHand === undefined
          ? `Wait for one, or run it with driftbook job run ${job} and publish that run by name.`
          : `Wait for one, or publish a run that was asked for by hand by its name, such as ${byHand.id}.`,
    });
  }

  /** Before anything runs for it. @throws HttpError 409 */
  #refuseTaken(slug: string, source: { notebook: string; job: string | null }, wish: Pick<Wish, "takeOver">): void {
    try {
      this.store.refuseTaken(slug, source, wish);
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      throw new HttpError(409, error.message, { cause: error, hint: error.hint });
    }
  }

  #contracts(): Contract[] {
    return this.#parts.workspace.contracts.present();
  }

  #publishParts() {
    return { store: this.store, zone: this.#parts.zone, contracts: () => this.#contracts() };
  }
}

/** A table that was to be shown and is not there is a slip, not a wish. @throws HttpError 422 */
function refuseUnknownTables(tables: Wish["tables"], cells: readonly string[], notebook: string): void {
  const unknown = typeof tables === "string" ? undefined : tables.find((name) => !cells.includes(name));
  if (unknown === undefined) return;
  throw new HttpError(422, `tables: there is no cell "${unknown}" in ${notebook}.`, {
    hint: 'Name cells, or "all" for every table.',
  });
}

/** Of several variants those runs that tell of each. @throws HttpError 422 */
function runsThatAllTell(state: SessionState, { variants, set, ...wish }: z.output<typeof previewWish>) {
  const told = combinations(variants).map((variant) => runsThatTell(state, { ...wish, set: { ...set, ...variant } }));
  return Object.fromEntries(Object.entries(state.runs).filter(([id]) => told.every((runs) => runs[id] !== undefined)));
}

/** Each combination of the values, the first name varying slowest. @throws HttpError 422 */
function combinations(variants: Wish["variants"]): Record<string, unknown>[] {
  const count = Object.values(variants).reduce((product, { length }) => product * length, 1);
  if (count > MOST_VARIANTS)
    throw new HttpError(422, `The values combine to ${count} pages; a report has at most ${MOST_VARIANTS}.`, {
      hint: "Give fewer values.",
    });
  return Object.entries(variants).reduce<Record<string, unknown>[]>(
    (made, [name, values]) => made.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}
