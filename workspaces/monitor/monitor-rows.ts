import { gunzipSync } from "node:zlib";
import type { FrozenVersion, Version } from "../../cells/jobs/version.ts";
import { MONITOR_TABLES, type MonitorTableName } from "../../cells/monitoring/monitor-tables.ts";
import type { Reading } from "../../cells/results/reading.ts";
import { judgedValue } from "../../cells/views/reading-words.ts";
import type { Row } from "./statements.ts";

/** What of a table's row only its packed content holds. */
export type Complete = (table: MonitorTableName) => (row: Row) => Record<string, unknown>;

/** JSON columns come as text. */
export const asItIs: Complete = (table) => {
  const json = Object.entries<readonly [type: string, about: string]>(MONITOR_TABLES[table].columns)
    .filter(([, [type]]) => type === "JSON")
    .map(([name]) => name);
  return (row) => {
    const whole: Record<string, unknown> = { ...row };
    for (const name of json) if (typeof whole[name] === "string") whole[name] = JSON.parse(whole[name]);
    return whole;
  };
};

/** Of versions: what each froze. */
export const withContent: Complete = () => (row) => {
  const { content, ...rest } = row;
  const { frozen, commit } = unpacked(content as Uint8Array) as Pick<Version, "commit"> & { frozen: FrozenVersion };
  const { notebook, cell, text, set, window } = frozen;
  return { ...rest, notebook, cell, text, set, window_text: window, commit };
};

/** Of readings: what each run's own record says of them, in their order. */
export const withBodies = (bodies: () => ReadonlyMap<string, Uint8Array>): Complete => {
  return () => {
    const packed = bodies();
    const opened = new Map<string, readonly { readonly reading: Reading }[]>();
    const readingsOf = (run: string): readonly { readonly reading: Reading }[] => {
      let found = opened.get(run);
      if (found === undefined) {
        found = unpacked(packed.get(run)!) as readonly { readonly reading: Reading }[];
        opened.set(run, found);
      }
      return found;
    };
    return ({ position, ...row }) => {
      const { reading } = readingsOf(String(row.run))[Number(position)]!;
      const { definition, nReference, bounds } = reading;
      const judged = judgedValue(reading);
      return { ...row, definition, n_reference: nReference, judged, warn: bounds.warn, fail: bounds.fail };
    };
  };
};

const unpacked = (content: Uint8Array): unknown => JSON.parse(gunzipSync(content).toString("utf8"));
