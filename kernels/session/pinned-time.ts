import type { ResolvedWindow } from "../../cells/session/operation.ts";
import { resolveWindow } from "../../cells/time/resolve-window.ts";
import { parseWindow } from "../../cells/time/window.ts";
import type { PinnedRelations, SessionPorts } from "./ports.ts";

/**
 * The as-of that every cell of a session sees, and the relations that belong to it. Nothing is pinned before the
 * user's first run; from then on only a refresh moves it.
 */
export class PinnedTime {
  readonly #ports: Pick<SessionPorts, "relations" | "zone">;
  #relations: PinnedRelations | null = null;

  constructor(ports: Pick<SessionPorts, "relations" | "zone">) {
    this.#ports = ports;
  }

  get relations(): PinnedRelations | null {
    return this.#relations;
  }

  /** @throws Error with a sentence when there is no data at that as-of yet. */
  async pin(asOf: string | null): Promise<PinnedRelations> {
    this.#relations = await this.#ports.relations(asOf);
    return this.#relations;
  }

  /** What the window means at this as-of; null for no window. */
  resolve(
    text: string | null,
    asOf: string,
  ): { readonly window: ResolvedWindow | null; readonly problem: string | null } {
    if (text === null) return { window: null, problem: null };
    const parsed = parseWindow(text);
    if (!parsed.ok) return { window: null, problem: parsed.problem };
    const resolved = resolveWindow(parsed.window, { asOf, zone: this.#ports.zone });
    return resolved.ok ? { window: resolved.window, problem: null } : { window: null, problem: resolved.problem };
  }
}
