import type { DueTimes } from "../../cells/jobs/due-times.ts";
import { planOf } from "../../cells/jobs/job-plan.ts";
import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { Version } from "../../cells/jobs/version.ts";
import type { Applied, PromotionPreview } from "../../cells/wire/http-jobs.ts";
import type { StoredJob } from "../../workspaces/jobs/job-rows.ts";
import { hashOf } from "../../workspaces/jobs/version-store.ts";
import { HttpError } from "../http-error.ts";
import type { JobFiles } from "./job-files.ts";
import type { KnownJobs } from "./known-jobs.ts";
import { type Promotion, type PromotionParts, promotionOf } from "./promotion.ts";
import { runWindow } from "./run-window.ts";

export interface PromotionsParts extends Pick<PromotionParts, "textOf" | "analyse" | "packages"> {
  readonly known: KnownJobs;
  readonly files: JobFiles;
  readonly due: DueTimes;
  /** The workspace's, IANA. */
  readonly zone: string;
  readonly contracts: () => PromotionParts["contracts"];
  readonly program: Version["program"];
  readonly runtime: Version["runtime"];
  /** Of the workspace's git repository; null where there is none. */
  readonly commit: () => Promise<string | null>;
  /** The job is about to get other settings or to end; what came due before is still its own. */
  readonly beforeChange: (name: string) => void;
  /** Another version or other settings are in force. */
  readonly onChange: () => void;
}

type Result = Applied["results"][number];

/** What promoting as things stand would give. */
export interface Present {
  readonly hash: string | null;
  /** Why that cannot be told; a sentence. */
  readonly problem: string | null;
}
const NOT_KNOWN: Present = { hash: null, problem: null };

/** From the files `jobs/NAME.yaml` and their notebooks to versions in force. */
export class Promotions {
  readonly #known: KnownJobs;
  readonly #parts: PromotionsParts;
  /** What promoting would give now, by job; to be told apart by what it was made from. */
  readonly #present = new Map<string, Present & { readonly key: string }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PromotionsParts) {
    this.#known = parts.known;
    this.#parts = parts;
  }

  async preview(name: string, spec: JobSpec): Promise<PromotionPreview> {
    const promotion = await this.promote(spec);
    const hash = hashOf(promotion.frozen);
    const plan = planOf(spec, this.#parts.zone);
    const nextTimes = this.#parts.due.next(plan, Date.now());
    const same = this.#known.versions.byHash(name, hash);
    const next = nextTimes[0];
    return {
      cells: promotion.cells.map((cell) => ({ id: cell.id, name: cell.name, kind: cell.kind, source: cell.source })),
      inputs: promotion.inputs as PromotionPreview["inputs"],
      contracts: promotion.frozen.contracts.map(({ stream, hash: of }) => ({ stream, hash: of })),
      hash,
      sameAs: same?.number ?? null,
      window: next === undefined ? null : runWindow(promotion.frozen, plan, Date.parse(next)),
      nextTimes,
      matureKpis: [...promotion.matureKpis],
      warnings: [...promotion.warnings],
    };
  }

  /** Writes the file and takes it up. With `promote` the notebook as it stands is frozen. */
  async put(
    name: string,
    wish: { readonly spec: JobSpec; readonly promote: boolean; readonly note: string | null },
    by: string,
  ): Promise<Result> {
    const { version: _named, ...spec } = wish.spec;
    const known = this.#known.store.find(name);
    const keeps = !wish.promote && known?.version != null && sameQuestion(spec, known.spec);
    const version = keeps
      ? this.#known.versions.find(name, known.version!)!
      : await this.#freeze(name, spec, known, wish.note, by);
    await this.#parts.files.write(name, { ...spec, version: version.hash });
    return this.#inForce(name, { ...spec, version: version.hash }, version, known);
  }

  /** Takes up the files as they are: all of them, or one. */
  async apply(only: string | null, by: string): Promise<Applied["results"]> {
    const names = only === null ? await this.#parts.files.names() : [only];
    const results: Applied["results"] = [];
    for (const name of names) results.push(await this.#applyOne(name, by));
    if (only === null)
      for (const { name } of this.#known.store.list())
        if (!names.includes(name)) {
          this.#parts.beforeChange(name);
          this.#known.store.remove(name, by, Date.now());
          results.push({
            name,
            change: "removed",
            version: null,
            message: `jobs/${name}.yaml is gone: the job ended; its history stays.`,
          });
        }
    return results;
  }

  /** A new version equal to an old one. */
  async rollback(name: string, number: number, note: string | null, by: string): Promise<Version> {
    const stored = this.#known.stored(name);
    const old = this.#known.version(name, number);
    const { version } = this.#known.versions.freeze(
      {
        job: name,
        madeBy: by,
        note: note ?? `Back to version ${number}`,
        frozen: old.frozen,
        program: this.#parts.program,
        runtime: this.#parts.runtime,
        commit: await this.#parts.commit(),
      },
      stored.version,
      Date.now(),
    );
    const { notebook, cell, window } = old.frozen;
    const { window: _window, set: _set, ...rest } = stored.spec;
    const spec: JobSpec = {
      ...rest,
      run: cell === null ? notebook : `${notebook}#${cell}`,
      ...(window === null ? {} : { window }),
      ...(Object.keys(old.frozen.set).length === 0 ? {} : { set: old.frozen.set as NonNullable<JobSpec["set"]> }),
      version: version.hash,
    };
    await this.#parts.files.write(name, spec);
    this.#known.store.put(name, { spec, zone: this.#parts.zone, version: version.number }, Date.now());
    return version;
  }

  async promote(spec: JobSpec): Promise<Promotion> {
    return promotionOf(spec, { ...this.#parts, contracts: this.#parts.contracts() });
  }

  async #freeze(
    name: string,
    spec: JobSpec,
    known: StoredJob | null,
    note: string | null,
    by: string,
  ): Promise<Version> {
    const { frozen } = await this.promote(spec);
    const wish = {
      job: name,
      madeBy: by,
      note,
      frozen,
      program: this.#parts.program,
      runtime: this.#parts.runtime,
      commit: await this.#parts.commit(),
    };
    return this.#known.versions.freeze(wish, known?.version ?? null, Date.now()).version;
  }

  #inForce(name: string, spec: JobSpec, version: Version, known: StoredJob | null): Result {
    const isNew = known?.version !== version.number;
    const change = known === null ? "made" : isNew ? "version" : sameSpec(spec, known.spec) ? "unchanged" : "settings";
    if (change !== "unchanged") {
      this.#parts.beforeChange(name);
      this.#known.store.put(name, { spec, zone: this.#parts.zone, version: version.number }, Date.now());
    }
    this.#parts.onChange();
    const said = {
      made: `Made, with version ${version.number}.`,
      version: `Version ${version.number} is in force.`,
      settings: "Its settings changed; the version is the same.",
      unchanged: "Nothing changed.",
    } as const;
    return { name, change, version: version.number, message: said[change] };
  }

  async #applyOne(name: string, by: string): Promise<Result> {
    const refused = (message: string) => ({ name, change: "refused", version: null, message }) as const;
    const known = this.#known.store.find(name);
    const file = await this.#parts.files.read(name);
    if (file === null) return refused(`There is no jobs/${name}.yaml.`);
    if (!file.ok) return refused(`jobs/${name}.yaml: ${file.problem}`);
    const { spec } = file;
    try {
      const named = spec.version === undefined ? null : this.#known.versions.byHash(name, spec.version);
      const asKnown = known !== null && sameQuestion(spec, known.spec);
      let version: Version;
      if (named !== null && (known === null || asKnown || targets(spec, named))) version = named;
      else {
        version = await this.#freeze(name, spec, known, null, by);
        if (spec.version !== undefined && named === null && !version.hash.startsWith(spec.version))
          return refused(
            `jobs/${name}.yaml names the version ${spec.version}, which is not in this workspace, and its notebook now gives ${version.hash}. Remove the line "version:" to promote the notebook as it stands.`,
          );
      }
      if (spec.version !== version.hash) await this.#parts.files.write(name, { ...spec, version: version.hash });
      return this.#inForce(name, { ...spec, version: version.hash }, version, known);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const { hint } = error.extra;
      return refused(`jobs/${name}.yaml: ${error.message}${hint === undefined ? "" : ` ${hint}`}`);
    }
  }

  /** What `present` said last; nothing where it was never asked. */
  lastPresent(name: string): Present {
    return this.#present.get(name) ?? NOT_KNOWN;
  }

  /** The hash that promoting as things stand would give; null where that cannot be told, with the reason. */
  async present(name: string, spec: JobSpec): Promise<Present> {
    const { notebook } = targetOf(spec);
    const text = await this.#parts.textOf(notebook).catch(() => null);
    if (text === null)
      return {
        hash: null,
        problem: `The notebook ${notebook} is gone; runs go on with the version in force. "Open as notebook" brings its text back.`,
      };
    const key = JSON.stringify([
      text,
      spec,
      this.#parts.contracts().map(({ hash }) => hash),
      await this.#parts.packages(),
    ]);
    const held = this.#present.get(name);
    if (held?.key === key) return held;
    // One after the other: each analysis has an engine, and there may be a thousand jobs.
    const turn = this.#turn
      .then(() => this.promote(spec))
      .then(
        ({ frozen }) => hashOf(frozen),
        () => "changed", // It cannot be promoted as it stands, which is a change as well.
      );
    this.#turn = turn;
    const hash = await turn;
    const made = { key, hash, problem: null };
    this.#present.set(name, made);
    return made;
  }
}

/** What makes a version; the rest is settings. */
const question = ({ run, set = {}, window }: JobSpec): string =>
  JSON.stringify([run, Object.entries(set).sort(), window ?? null]);
const sameQuestion = (a: JobSpec, b: JobSpec): boolean => question(a) === question(b);
export const sameSpec = (a: JobSpec, b: JobSpec): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** Whether the file asks for what the version is. */
function targets(spec: JobSpec, { frozen }: Version): boolean {
  const { notebook, cell } = targetOf(spec);
  const sets = Object.entries(spec.set ?? {}).every(([name, value]) => String(frozen.set[name]) === String(value));
  return (
    notebook === frozen.notebook && cell === frozen.cell && sets && (spec.window ?? frozen.window) === frozen.window
  );
}
