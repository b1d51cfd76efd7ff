import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { compareInstants, parseInstant } from "../../cells/time/instant.ts";
import { resolveWindow, type WindowContext } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import type { Profiles } from "../monitoring/profiles.ts";
import type { PinnedRelations, SessionPorts } from "./ports.ts";

/**
 * The as-of that every cell of a session sees, the relations that belong to it, and what relative windows count from.
 * Nothing is pinned before the user's first run; from then on only a refresh moves it.
 */
export class PinnedTime {
  readonly #ports: Pick<SessionPorts, "relations" | "zone" | "profiles">;
  readonly #dueAt: string | null;
  #relations: PinnedRelations | null = null;

  /** `dueAt`: the due time that the session stands for, as a job's run does; null where it is the as-of. */
  constructor(ports: Pick<SessionPorts, "relations" | "zone" | "profiles">, dueAt: string | null = null) {
    this.#ports = ports;
    this.#dueAt = dueAt;
  }

  get zone(): string {
    return this.#ports.zone;
  }

  /** Kept counts, where what they were made of can be told. */
  get profiles(): Profiles | null {
    const { profiles } = this.#ports;
    const contentOf = this.#relations?.contentOf;
    if (profiles === undefined || contentOf === undefined) return null;
    return { contentOf, load: (key) => profiles.load(key), keep: (key, bytes) => profiles.keep(key, bytes) };
  }

  get relations(): PinnedRelations | null {
    return this.#relations;
  }

  /**
   * `asOf` as people write it, null for the newest. The caller calls `release` of what was pinned before once nothing
   * reads it any more. @throws Error with a sentence when there is no such time or no data at it yet.
   */
  async pin(asOf: string | null): Promise<{ readonly now: PinnedRelations; readonly before: PinnedRelations | null }> {
    const read = asOf === null ? null : parseInstant(asOf, this.#ports.zone);
    if (read?.ok === false) throw new Error(`${read.problem}.`);
    const now = await this.#ports.relations(read?.instant ?? null);
    const before = this.#relations;
    this.#relations = now;
    return { now, before };
  }

  /** What was pinned before is pinned still: the engine would not take what came after it. */
  putBack(before: PinnedRelations | null): void {
    this.#relations = before;
  }

  /** What relative windows count from at this as-of. What is known and how mature it is remain questions of the as-of. */
  dueAt(asOf: string): string {
    return this.#dueAt ?? asOf;
  }

  /** The due time where it is another than the as-of, and so a part of what was asked; null else. */
  ownDueAt(asOf: string): string | null {
    return this.#dueAt === null || compareInstants(this.#dueAt, asOf) === 0 ? null : this.#dueAt;
  }

  /** What the window means at this as-of; null for no window. */
  resolve(
    text: string | null,
    asOf: string,
    around: Pick<WindowContext, "measured" | "mature"> = {},
  ): { readonly window: ResolvedWindow | null; readonly problem: string | null } {
    if (text === null) return { window: null, problem: null };
    const parsed = parseWindow(text);
    if (!parsed.ok) return { window: null, problem: parsed.problem };
    const resolved = resolveWindow(parsed.window, { ...around, at: this.dueAt(asOf), zone: this.#ports.zone });
    return resolved.ok ? { window: resolved.window, problem: null } : { window: null, problem: resolved.problem };
  }
}
