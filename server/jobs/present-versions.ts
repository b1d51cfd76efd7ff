import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import { hashOf } from "../../workspaces/jobs/version-store.ts";
import type { Promotion, PromotionParts } from "./promotion.ts";

/** What promoting as things stand would give. */
export interface Present {
  readonly hash: string | null;
  /** Why that cannot be told; a sentence. */
  readonly problem: string | null;
}
const NOT_KNOWN: Present = { hash: null, problem: null };

interface PresentParts extends Pick<PromotionParts, "textOf" | "packages"> {
  readonly promote: (spec: JobSpec) => Promise<Promotion>;
  readonly contracts: () => PromotionParts["contracts"];
}

/** Whether notebooks still give the versions in force. Asked for by every list of jobs: what is known stays known. */
export class PresentVersions {
  readonly #parts: PresentParts;
  /** By job; to be told apart by what it was made from. */
  readonly #held = new Map<string, Present & { readonly key: string }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PresentParts) {
    this.#parts = parts;
  }

  /** What `of` said last; nothing where it was never asked. */
  last(name: string): Present {
    return this.#held.get(name) ?? NOT_KNOWN;
  }

  /** The hash that promoting as things stand would give; null where that cannot be told, with the reason. */
  async of(name: string, spec: JobSpec): Promise<Present> {
    const { notebook } = targetOf(spec);
    const text = await this.#parts.textOf(notebook).catch(() => null);
    if (text === null)
      return {
        hash: null,
        problem: `The notebook ${notebook} is gone; runs go on with the version in force. "Open as notebook", or driftbook job open ${name}, brings its text back.`,
      };
    const contracts = this.#parts.contracts().map(({ hash }) => hash);
    const key = JSON.stringify([text, spec, contracts, await this.#parts.packages()]);
    const held = this.#held.get(name);
    if (held?.key === key) return held;
    // One after the other: each analysis has an engine, and there may be a thousand jobs.
    const turn = this.#turn
      .then(() => this.#parts.promote(spec))
      .then(
        ({ frozen }) => hashOf(frozen),
        () => "changed", // It cannot be promoted as it stands, which is a change as well.
      );
    this.#turn = turn;
    const made = { key, hash: await turn, problem: null };
    this.#held.set(name, made);
    return made;
  }
}
