import {
  bool,
  columnFromArray,
  float64,
  TimeUnit,
  tableFromColumns,
  tableToIPC,
  timestamp,
  utf8,
} from "@uwdata/flechette";
import { boundText, type Reading } from "../../cells/results/reading.ts";

type Column = readonly [
  name: string,
  type: ReturnType<typeof utf8 | typeof float64 | typeof bool | typeof timestamp>,
  value: (reading: Reading) => unknown,
];

const instant = timestamp(TimeUnit.MICROSECOND, "UTC");
const micros = (iso: string | undefined): number | null => (iso === undefined ? null : Date.parse(iso));

const COLUMNS: readonly Column[] = [
  ["subject", utf8(), (one) => one.subject],
  ["metric", utf8(), (one) => one.metric],
  ["slice", utf8(), (one) => one.slice],
  ["window_start", instant, (one) => micros(one.window?.[0])],
  ["window_end", instant, (one) => micros(one.window?.[1])],
  ["value", float64(), (one) => one.value],
  ["lower", float64(), (one) => one.lower],
  ["upper", float64(), (one) => one.upper],
  ["verdict", utf8(), (one) => one.verdict],
  ["reason", utf8(), (one) => one.reason],
  ["n", float64(), (one) => one.n],
  ["n_reference", float64(), (one) => one.nReference],
  ["p_value", float64(), (one) => one.pValue],
  ["p_adjusted", float64(), (one) => one.pAdjusted],
  ["maturity", float64(), (one) => one.maturity],
  ["provisional", bool(), (one) => one.provisional],
  ["warn", utf8(), (one) => (one.bounds.warn === null ? null : boundText(one.bounds.warn))],
  ["fail", utf8(), (one) => (one.bounds.fail === null ? null : boundText(one.bounds.fail))],
  ["exact", bool(), (one) => one.exact],
  ["convention", utf8(), (one) => one.convention],
  ["definition", utf8(), (one) => one.definition],
  ["as_of", instant, (one) => micros(one.asOf)],
  ["id", utf8(), (one) => one.id],
  ["details", utf8(), (one) => JSON.stringify(one.details)],
];

/** Readings as the rows of a relation: one Arrow IPC stream. */
export function readingsTable(readings: readonly Reading[]): Uint8Array {
  const columns = COLUMNS.map(([name, type, value]) => [
    name,
    columnFromArray(readings.map(value) as never[], type as never),
  ]);
  return tableToIPC(tableFromColumns(Object.fromEntries(columns)), { format: "stream" }) as Uint8Array;
}
