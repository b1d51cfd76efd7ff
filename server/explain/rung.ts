import { randomBytes } from "node:crypto";
import { parseDocument } from "../../cells/document/parse-document.ts";
import type { Mark } from "../../cells/monitoring/mark.ts";
import type { Measurement } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { PinnedRelations, SessionPorts } from "../../kernels/session/ports.ts";
import { RunRefused, runNotebook } from "../../kernels/session/run-notebook.ts";
import type { Contract } from "../../workspaces/contracts/contract.ts";
import { rolesOf } from "../../workspaces/contracts/roles-of-contract.ts";
import type { Relations } from "../../workspaces/workspace-port.ts";
import type { Log } from "../log.ts";
import { narrowed } from "./narrowed.ts";

/** All that one value depends on; an explanation goes from one to another in steps that change one part each. */
export interface Rung {
  readonly version: Measurement["version"];
  readonly notebook: string;
  readonly cell: string;
  readonly window: Measurement["window"];
  /** What the cell measures as a whole, whatever its own notation means. */
  readonly measured: Measurement["measured"];
  /** Which of the cell's readings. */
  readonly pick: Pick<Reading, "metric" | "subject" | "slice" | "window">;
  readonly contracts: readonly Contract[];
  readonly asOf: string;
  /** What other relative windows count from: a reference's, those of inputs. */
  readonly dueAt: string;
  readonly marks: readonly Mark[];
}

export interface RungParts {
  readonly ports: Omit<SessionPorts, "results" | "file" | "readings" | "profiles">;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface RungValue {
  readonly value: number | null;
  /** Why there is none. */
  readonly problem: string | null;
}

/** Runs the kept cell over these relations, in processes of its own; nothing is kept. */
export async function valueAt(
  rung: Rung,
  relations: Pick<Relations, "statements" | "folders">,
  { ports, log, signal }: RungParts,
): Promise<RungValue> {
  const { notebook, cell, version, window, measured, asOf, dueAt, contracts, marks, pick } = rung;
  const found: Reading[] = [];
  const pinned: PinnedRelations = {
    asOf,
    statements: relations.statements,
    folders: relations.folders,
    streams: contracts.map(rolesOf),
    marks,
    surroundings: randomBytes(6).toString("hex"),
  };
  try {
    const { outcome } = await runNotebook({
      path: notebook,
      document: narrowed(parseDocument(version.text).document, cell, pick, measured),
      ports: {
        ...ports,
        relations: async () => pinned,
        readings: { keep: async (draft, readings) => void (draft.cell === cell && found.push(...readings)), before },
      },
      log,
      set: version.set,
      asOf,
      dueAt,
      cell,
      signal,
      rowsOf: () => [],
      ...(window === null ? {} : { window: window.join("/") }),
    });
    signal.throwIfAborted();
    const failed = outcome.cells.find(({ error }) => error !== undefined);
    if (failed !== undefined) return { value: null, problem: failed.error!.message };
  } catch (error) {
    if (error instanceof RunRefused) return { value: null, problem: error.message };
    throw error;
  }
  const reading = found.find((one) => isSame(one, pick));
  if (reading === undefined) return { value: null, problem: "The cell has no such reading then." };
  return { value: reading.value, problem: reading.value === null ? reading.reason : null };
}

const before = async (): Promise<null> => null;

function isSame(one: Reading, { metric, subject, slice, window }: Rung["pick"]): boolean {
  return (
    one.metric === metric &&
    one.subject === subject &&
    one.slice === slice &&
    (one.window === window || (one.window?.[0] === window?.[0] && one.window?.[1] === window?.[1]))
  );
}
