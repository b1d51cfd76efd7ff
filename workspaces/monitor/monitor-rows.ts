import { gunzipSync } from "node:zlib";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { judgedValue } from "../../cells/views/reading-words.ts";
import type { Row, Statements } from "./statements.ts";

/** Makes of a row of SQLite what is exported of it, with what only packed content holds. */
export type Complete = (row: Row) => Record<string, unknown>;

/** JSON columns come as text. */
export const asItIs = (columns: Readonly<Record<string, string>>): Complete => {
  const json = Object.keys(columns).filter((name) => columns[name] === "JSON");
  return (row) => {
    const whole: Record<string, unknown> = { ...row };
    for (const name of json) if (typeof whole[name] === "string") whole[name] = JSON.parse(whole[name]);
    return whole;
  };
};

/** Of versions: what each froze. */
export const withContent: Complete = (row) => {
  const { content, ...rest } = row;
  const { frozen, commit } = unpacked(content as Uint8Array) as Pick<Version, "commit"> & { frozen: FrozenVersion };
  const { notebook, cell, text, set, window } = frozen;
  return { ...rest, notebook, cell, text, set, window_text: window, commit };
};

/** Of readings, in their order: what each run's own record says of them. */
export const withBodies = (sql: Statements): Complete => {
  let run: unknown = null;
  let readings: readonly { readonly reading: Reading }[] = [];
  return ({ position, ...row }) => {
    if (row.run !== run) {
      run = row.run;
      const { body } = sql.get("SELECT body FROM runs WHERE id = ?", String(run))!;
      readings = unpacked(body as Uint8Array) as typeof readings;
    }
    const { reading } = readings[Number(position)]!;
    const { definition, nReference, bounds } = reading;
    const judged = judgedValue(reading);
    return { ...row, definition, n_reference: nReference, judged, warn: bounds.warn, fail: bounds.fail };
  };
};

const unpacked = (content: Uint8Array): unknown => JSON.parse(gunzipSync(content).toString("utf8"));
