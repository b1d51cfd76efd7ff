import { type JobSpec, targetOf } from "../../cells/jobs/job-spec.ts";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import { hashOf } from "../../workspaces/jobs/version-store.ts";
import type { Promotion, PromotionParts } from "./promotion.ts";

/** How the notebook stands to the version in force. */
export interface Present {
  /** Whether its cells, inputs or packages would give another one; contracts and the zone are no text of it. */
  readonly changed: boolean;
  /** Why that cannot be told; a sentence. */
  readonly problem: string | null;
}
const NOT_KNOWN: Present = { changed: false, problem: null };

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

  async of(name: string, spec: JobSpec, { hash, frozen: inForce }: Version): Promise<Present> {
    const { notebook } = targetOf(spec);
    const text = await this.#parts.textOf(notebook).catch(() => null);
    if (text === null)
      return {
        changed: false,
        problem: `The notebook ${notebook} is gone; runs go on with the version in force. "Open as notebook", or driftbook job open ${name}, brings its text back.`,
      };
    const contracts = this.#parts.contracts().map(({ hash }) => hash);
    const key = JSON.stringify([hash, text, spec, contracts, await this.#parts.packages()]);
    const held = this.#held.get(name);
    if (held?.key === key) return held;
    // One after the other: each analysis has an engine, and there may be a thousand jobs.
    const turn = this.#turn
      .then(() => this.#parts.promote(spec))
      .then(
        ({ frozen }) => hashOf({ ...frozen, contracts: inForce.contracts, zone: inForce.zone }) !== hash,
        () => true, // It cannot be promoted as it stands, which is a change as well.
      );
    this.#turn = turn;
    const made = { key, changed: await turn, problem: null };
    this.#held.set(name, made);
    return made;
  }

  /** Streams whose contract is another one now. One that is gone is told elsewhere. */
  otherContracts({ contracts }: FrozenVersion): string[] {
    const now = new Map(this.#parts.contracts().map(({ stream, hash }) => [stream, hash]));
    return contracts.flatMap(({ stream, hash }) => (now.has(stream) && now.get(stream) !== hash ? [stream] : []));
  }
}
