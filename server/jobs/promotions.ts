import { parseDocument } from "../../cells/document/parse-document.ts";
import { type ChangedKeys, changedKeys } from "../../cells/jobs/changed-keys.ts";
import type { DueTimes } from "../../cells/jobs/due-times.ts";
import { planOf } from "../../cells/jobs/job-plan.ts";
import { type JobSpec, runOf, targetOf } from "../../cells/jobs/job-spec.ts";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import type { Applied, PromotionPreview } from "../../cells/wire/http-jobs.ts";
import { Serial } from "../../kernels/lifecycle/serial.ts";
import type { StoredJob } from "../../workspaces/jobs/job-rows.ts";
import { hashOf } from "../../workspaces/jobs/version-store.ts";
import { absentDestinations, destinationHint } from "../alerts/absent-destinations.ts";
import { HttpError } from "../http-error.ts";
import { absentNotebook } from "./absent-notebook.ts";
import { type Followed, followNotebook, frozenAnew, refuseUnnameable } from "./follow-notebook.ts";
import type { JobFiles } from "./job-files.ts";
import type { KnownJobs } from "./known-jobs.ts";
import { previewOf } from "./preview-of.ts";
import { type Promotion, type PromotionParts, promotionOf, targetCell } from "./promotion.ts";
import { freezeVersion, putInForce } from "./put-in-force.ts";
import { runWindow } from "./run-window.ts";
import { sameQuestion, sameSpec, targets } from "./same-spec.ts";

export interface PromotionsParts extends Pick<PromotionParts, "textOf" | "analyse" | "packages"> {
  readonly known: KnownJobs;
  readonly files: JobFiles;
  readonly due: DueTimes;
  /** The workspace's, IANA. */
  readonly zone: string;
  /** Names of driftbook.yaml; null where that cannot be read. */
  readonly destinations: readonly string[] | null;
  /** Paths of all notebooks. */
  readonly notebooks: () => Promise<readonly string[]>;
  /** Why cells could not load one of these modules; a sentence, or null. */
  readonly importProblem: (modules: readonly string[]) => Promise<string | null>;
  readonly contracts: () => PromotionParts["contracts"];
  readonly program: Version["program"];
  readonly runtime: Version["runtime"];
  /** Of the workspace's git repository; null where there is none. */
  readonly commit: () => Promise<string | null>;
  /** The job is about to get other settings or to end; what came due before is still its own. */
  readonly beforeChange: (name: string) => Promise<void>;
  /** The job ended. */
  readonly onRemoved: (name: string) => void;
  /** Another version or other settings are in force. */
  readonly onChange: () => void;
}

type Result = Applied["results"][number];
type RolledBack = { readonly version: Version; readonly changes: ChangedKeys };
type Wish = { readonly spec: JobSpec; readonly promote: boolean; readonly note: string | null };

/** From the files `jobs/NAME.yaml` and their notebooks to versions in force. */
export class Promotions {
  readonly #known: KnownJobs;
  readonly #parts: PromotionsParts;
  /** One act on a job at a time: its file and what is in force change in two steps. */
  readonly #turns = new Serial();

  constructor(parts: PromotionsParts) {
    this.#known = parts.known;
    this.#parts = parts;
  }

  /** Alone among the acts on this job. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(name, work);
  }

  async preview(name: string, spec: JobSpec): Promise<PromotionPreview> {
    this.#refuseAbsent(spec);
    const promotion = await this.#promoteFor(name, spec);
    const { zone, due } = this.#parts;
    const plan = planOf(spec, zone);
    const hash = hashOf(promotion.frozen);
    return {
      ...previewOf(promotion, { plan, zone, nextTimes: due.next(plan, Date.now()) }),
      hash,
      sameAs: this.#known.versions.byHash(name, hash)?.number ?? null,
      warnings: await this.#warningsOf(promotion),
    };
  }

  /** Writes the file and takes it up. With `promote` the notebook as it stands is frozen. */
  put(name: string, wish: Wish, by: string): Promise<Result> {
    return this.inTurn(name, () => this.#put(name, wish, by));
  }

  async #put(name: string, wish: Wish, by: string): Promise<Result> {
    const { version: _named, ...spec } = wish.spec;
    this.#refuseAbsent(spec);
    const known = this.#known.store.find(name);
    await this.#refuseEdited(name, wish.promote ? null : known);
    const keeps = !wish.promote && known?.version != null && sameQuestion(spec, known.spec);
    const { version, warnings } = keeps
      ? { version: this.#known.versions.find(name, known.version!)!, warnings: [] }
      : await this.#freeze(name, spec, known, wish.note, by);
    await this.#parts.files.write(name, { ...spec, version: version.hash });
    return this.#inForce(name, { ...spec, version: version.hash }, version, known, warnings);
  }

  /** Takes up the files as they are: all of them, or one. */
  async apply(only: string | null, by: string): Promise<Applied["results"]> {
    const names = only === null ? await this.#parts.files.names() : [only];
    const results: Applied["results"] = [];
    for (const name of names) results.push(await this.inTurn(name, () => this.takeUp(name, by)));
    if (only === null)
      for (const { name } of this.#known.store.list())
        if (!names.includes(name)) {
          const ended = await this.inTurn(name, () => this.#endWithoutFile(name, by));
          if (ended !== null) results.push(ended);
        }
    return results;
  }

  /** Null where there is a file: it was made since the others were listed. */
  async #endWithoutFile(name: string, by: string): Promise<Result | null> {
    if ((await this.#parts.files.read(name)) !== null || this.#known.store.find(name) === null) return null;
    await this.#parts.beforeChange(name);
    this.#known.store.remove(name, by, Date.now());
    this.#parts.onRemoved(name);
    const message = `jobs/${name}.yaml is gone: the job ended; its history stays.`;
    return { name, change: "removed", version: null, message, changes: {}, warnings: [] };
  }

  /** A new version equal to an old one. */
  rollback(name: string, number: number, note: string | null, by: string): Promise<RolledBack> {
    return this.inTurn(name, () => this.#rollback(name, number, note, by));
  }

  async #rollback(name: string, number: number, note: string | null, by: string): Promise<RolledBack> {
    const stored = this.#known.stored(name);
    await this.#refuseEdited(name, stored);
    const old = this.#known.version(name, number);
    const frozen = this.#known.frozenNow(old);
    const wish = { job: name, madeBy: by, note: note ?? `Back to version ${number}`, frozen };
    const version = await freezeVersion(wish, stored.version, this.#parts);
    const now = stored.version === null ? null : this.#known.version(name, stored.version).frozen;
    const spec: JobSpec = { ...specOf(stored.spec, frozen, now), version: version.hash };
    await this.#parts.files.write(name, spec);
    await putInForce(name, spec, version.number, this.#parts);
    this.#parts.onChange();
    return { version, changes: changedKeys(stored.spec, spec) };
  }

  /** @throws HttpError 422 where a job's file runs this notebook and could not name the other path */
  refuseUnnameable(from: string, to: string): Promise<void> {
    return refuseUnnameable(from, to, this.#parts.files);
  }

  /** A notebook was given another path: its jobs go with it, each as far as it can. */
  async follow(from: string, to: string, by: string): Promise<Followed[]> {
    this.#known.moves.record(from, to, Date.now());
    const followed: Followed[] = [];
    const inForce = this.#known.store.list().map(({ name }) => name);
    for (const name of [...new Set([...(await this.#parts.files.names()), ...inForce])].sort()) {
      const one = await this.inTurn(name, () => followNotebook(name, { from, to }, by, this.#parts));
      if (one !== null) followed.push(one);
    }
    return followed;
  }

  /** The settings that a removed job had, with its version as of the path that its notebook has now. */
  async specNow(name: string, { spec, version: number }: StoredJob, by: string): Promise<JobSpec> {
    if (number === null) return spec;
    const version = await frozenAnew(this.#known.version(name, number), null, by, this.#parts);
    if (version.number === number) return spec;
    return { ...specOf(spec, version.frozen, this.#known.version(name, number).frozen), version: version.hash };
  }

  async promote(spec: JobSpec): Promise<Promotion> {
    return promotionOf(spec, { ...this.#parts, contracts: this.#parts.contracts() });
  }

  #promoteFor(name: string, spec: JobSpec): Promise<Promotion> {
    return this.#ofNotebook(name, spec, () => this.promote(spec));
  }

  /** What reads the job's notebook; where that is gone the refusal says what to do. */
  async #ofNotebook<T>(name: string, spec: JobSpec, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      const { notebook } = targetOf(spec);
      const keeps = this.#known.versions.list(name).some(({ frozen }) => frozen.notebook === notebook);
      throw absentNotebook(notebook, await this.#parts.notebooks(), keeps ? name : null);
    }
  }

  async #warningsOf({ warnings, imports }: Promotion): Promise<string[]> {
    const problem = await this.#parts.importProblem(imports);
    return problem === null ? [...warnings] : [...warnings, problem];
  }

  /** @throws HttpError 422 for a destination that is not there */
  #refuseAbsent(spec: JobSpec): void {
    const { destinations } = this.#parts;
    const [problem] = destinations === null ? [] : absentDestinations(spec, destinations);
    if (problem === undefined) return;
    const sentence = problem.endsWith("?") ? problem : `${problem}.`;
    throw new HttpError(422, sentence, { hint: destinationHint(destinations!) });
  }

  /**
   * What somebody wrote into the file must not be lost: `known` is the job where its settings alone change, not what it
   * runs. @throws HttpError 409
   */
  async #refuseEdited(name: string, known: StoredJob | null): Promise<void> {
    const file = await this.#parts.files.read(name);
    if (file !== null && !file.ok)
      throw new HttpError(409, `jobs/${name}.yaml cannot be read, and would be written over: ${file.problem}`, {
        hint: "Mend the file, or remove it, first.",
      });
    if (file === null || known === null || sameSpec(file.spec, known.spec)) return;
    throw new HttpError(409, `jobs/${name}.yaml was edited and is not in force yet.`, {
      hint: `driftbook job apply ${name}, or "Take up changed files" under Jobs, takes it up; then change the settings.`,
    });
  }

  /** @throws HttpError 422 where the window means nothing now, or a version in force would give way to one that cannot run */
  async #freeze(
    name: string,
    spec: JobSpec,
    known: StoredJob | null,
    note: string | null,
    by: string,
    awaited = "",
  ): Promise<{ readonly version: Version; readonly warnings: readonly string[] }> {
    const promotion = await this.#promoteAs(awaited, name, spec);
    const warnings = await this.#warningsOf(promotion);
    const { frozen, unknown } = promotion;
    runWindow(frozen, planOf(spec, this.#parts.zone), Date.now());
    if (known?.version != null && unknown[0] !== undefined)
      throw new HttpError(422, `${unknown[0]} Version ${known.version} stays in force.`, {
        hint: "Bring back what it reads, or mend the cell, then promote again.",
      });
    const wish = { job: name, madeBy: by, note, frozen };
    return { version: await freezeVersion(wish, known?.version ?? null, this.#parts), warnings };
  }

  /** `awaited`: how the hash must begin. @throws HttpError 422 where it begins otherwise */
  async #promoteAs(awaited: string, name: string, spec: JobSpec): Promise<Promotion> {
    const promotion = await this.#promoteFor(name, spec);
    const hash = hashOf(promotion.frozen);
    if (hash.startsWith(awaited)) return promotion;
    throw new HttpError(422, `version: ${awaited} is not in this workspace, and the notebook now gives ${hash}.`, {
      hint: AS_IT_STANDS,
    });
  }

  /** What the file names: a version of what it runs, as far as that is kept; else how the hash to be made must begin. */
  #named(
    name: string,
    spec: JobSpec,
    known: StoredJob | null,
  ): { readonly version: Version | null; readonly awaited: string } {
    const { version: hash } = spec;
    const version = hash === undefined ? null : this.#known.versions.byHash(name, hash);
    if (version === null) return { version, awaited: hash ?? "" };
    const isMeant = known === null || sameQuestion(spec, known.spec) || targets(spec, version);
    return { version: isMeant ? version : null, awaited: "" };
  }

  /**
   * Why the file cannot be taken up, as far as that is seen without an analysis of its notebook, for lists of many
   * files; null where nothing speaks against it.
   */
  objection(name: string, spec: JobSpec): Promise<string | null> {
    return objectionOf(async () => {
      this.#refuseAbsent(spec);
      const { version, awaited } = this.#named(name, spec, this.#known.store.find(name));
      if (version !== null) return;
      const { notebook, cell } = targetOf(spec);
      const text = await this.#ofNotebook(name, spec, () => this.#parts.textOf(notebook));
      if (cell !== null) targetCell(parseDocument(text).document, notebook, cell);
      if (awaited === "") return;
      throw new HttpError(
        422,
        `version: ${awaited} is not in this workspace; driftbook job apply ${name} takes it up only where its notebook gives that version.`,
        { hint: AS_IT_STANDS },
      );
    });
  }

  /** Why the version that the file names can neither be found nor made; null where it can, and where it names none. */
  unknownVersion(name: string, spec: JobSpec): Promise<string | null> {
    return objectionOf(async () => {
      const { awaited } = this.#named(name, spec, this.#known.store.find(name));
      if (awaited !== "") await this.#promoteAs(awaited, name, spec);
    });
  }

  async #inForce(
    name: string,
    spec: JobSpec,
    version: Version,
    known: StoredJob | null,
    warnings: readonly string[],
  ): Promise<Result> {
    const isNew = known?.version !== version.number;
    const change = known === null ? "made" : isNew ? "version" : sameSpec(spec, known.spec) ? "unchanged" : "settings";
    if (change !== "unchanged") await putInForce(name, spec, version.number, this.#parts);
    this.#parts.onChange();
    const said = {
      made: `Made, with version ${version.number}.`,
      version: `Version ${version.number} is in force.`,
      settings: "Its settings changed; the version is the same.",
      unchanged: "Nothing changed.",
    } as const;
    const changes = changedKeys(known?.spec ?? null, spec) as Result["changes"];
    return { name, change, version: version.number, message: said[change], changes, warnings: [...warnings] };
  }

  /** Takes up one file as it is; within the job's turn. */
  async takeUp(name: string, by: string): Promise<Result> {
    const refused = (message: string): Result => ({
      ...{ name, change: "refused", version: null, message },
      ...{ changes: {}, warnings: [] },
    });
    const known = this.#known.store.find(name);
    const file = await this.#parts.files.read(name);
    if (file === null) return refused(`There is no jobs/${name}.yaml.`);
    if (!file.ok) return refused(`jobs/${name}.yaml: ${file.problem}`);
    const { spec } = file;
    try {
      this.#refuseAbsent(spec);
      const { version: named, awaited } = this.#named(name, spec, known);
      const { version, warnings } =
        named === null ? await this.#freeze(name, spec, known, null, by, awaited) : { version: named, warnings: [] };
      if (spec.version !== version.hash) await this.#parts.files.write(name, { ...spec, version: version.hash });
      return this.#inForce(name, { ...spec, version: version.hash }, version, known, warnings);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return refused(`jobs/${name}.yaml: ${sentenceOf(error)}`);
    }
  }
}

const AS_IT_STANDS = 'Remove the line "version:" to promote the notebook as it stands.';

const sentenceOf = ({ message, extra: { hint } }: HttpError): string =>
  hint === undefined ? message : `${message} ${hint}`;

async function objectionOf(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof HttpError) return sentenceOf(error);
    throw error;
  }
}

/** The file that makes this version. What is as it was before stays as it was written, or was left to the notebook. */
function specOf(spec: JobSpec, { notebook, cell, window, set }: FrozenVersion, before: FrozenVersion | null): JobSpec {
  const made: JobSpec = { ...spec, run: runOf({ notebook, cell }) };
  if (before?.window !== window) {
    delete made.window;
    if (window !== null) made.window = window;
  }
  if (JSON.stringify(before?.set) !== JSON.stringify(set)) {
    delete made.set;
    if (Object.keys(set).length > 0) made.set = set as NonNullable<JobSpec["set"]>;
  }
  return made;
}
