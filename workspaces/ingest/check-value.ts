import type { FeatureType } from "../contracts/contract.ts";
import { ExactNumber } from "./exact-json.ts";

/** Why a value was refused: what was expected; the caller adds the column and the value. */
export class Expected {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** JSON text of the accepted value, or what was expected instead. `textual` values come from CSV, where all is text. */
export type ValueCheck = (value: unknown, textual: boolean) => string | Expected;

const NUMBER = new Expected("a number");
const INTEGER = new Expected("a whole number from -2^63 to 2^63 - 1");
const TEXT = new Expected("text");
const BOOLEAN = new Expected("true or false");
const DATE = new Expected("a date such as 2026-03-01");
const TIME = new Expected("a time with offset such as 2026-03-01T10:15:00+01:00");
const WELL_FORMED = new Expected("text without lone surrogates or NUL characters");

const NUMERIC_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function checkNumber(value: unknown, textual: boolean): string | Expected {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : NUMBER;
  if (value instanceof ExactNumber) return value.digits;
  if (!textual || typeof value !== "string" || !NUMERIC_TEXT.test(value.trim())) return NUMBER;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? String(parsed) : NUMBER;
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

function checkInteger(value: unknown): string | Expected {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : INTEGER;
  const digits = value instanceof ExactNumber ? value.digits : typeof value === "string" ? value.trim() : "";
  if (!/^-?\d{1,19}$/.test(digits)) return INTEGER;
  const exact = BigInt(digits);
  return exact >= LEAST && exact <= MOST ? exact.toString() : INTEGER;
}

/** Text or number, exact: `"120.50"`, `120.5`. More digits after the point than the column holds are refused. */
function decimalCheck(precision: number, scale: number): ValueCheck {
  const expected = new Expected(
    `a decimal with at most ${precision - scale} digits before and ${scale} after the point`,
  );
  return (value) => {
    const text =
      typeof value === "string"
        ? value.trim()
        : value instanceof ExactNumber
          ? value.digits
          : typeof value === "number" && Number.isFinite(value)
            ? plainDigits(value)
            : "";
    const found = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
    if (found === null || text === "" || !/\d/.test(text)) return expected;
    const [, sign = "", whole = "", fraction = ""] = found;
    if (whole.length > precision - scale || fraction.length > scale) return expected;
    return `"${sign === "-" ? "-" : ""}${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}"`;
  };
}

function plainDigits(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20) : text;
}

export function checkText(value: unknown, textual: boolean): string | Expected {
  if (typeof value !== "string") return TEXT;
  if (!textual && !value.isWellFormed()) return WELL_FORMED;
  if (value.includes("\u0000")) return WELL_FORMED;
  return JSON.stringify(value);
}

export function checkBoolean(value: unknown, textual: boolean): string | Expected {
  if (typeof value === "boolean") return value ? "true" : "false";
  if (textual && typeof value === "string") {
    const text = value.trim().toLowerCase();
    if (text === "true" || text === "false") return text;
  }
  return BOOLEAN;
}

const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

function validDay(year: number, month: number, day: number): boolean {
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysIn(year, month));
}

function checkDate(value: unknown): string | Expected {
  const found = typeof value === "string" ? ISO_DATE.exec(value.trim()) : null;
  if (found === null || !validDay(Number(found[1]), Number(found[2]), Number(found[3]))) return DATE;
  return `"${found[0]}"`;
}

const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)$/i;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/** ISO 8601 with an offset, years 1 to 9999, as UTC text to the microsecond; finer digits are cut. */
export function checkTime(value: unknown): string | Expected {
  if (typeof value !== "string") return TIME;
  const found = ISO_TIME.exec(value);
  if (found === null) return TIME;
  const year = Number(found[1]);
  const hour = Number(found[4]);
  const minute = Number(found[5]);
  const second = Number(found[6] ?? 0);
  if (!validDay(year, Number(found[2]), Number(found[3])) || hour > 23 || minute > 59 || second > 59) return TIME;
  const fraction = (found[7] ?? "").slice(0, 6);
  const zone = found[8]!;
  if (zone === "Z" || zone === "z") {
    const seconds = found[6] ?? "00";
    return `"${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${seconds}${fraction === "" ? "" : `.${fraction}`}Z"`;
  }
  const offset = OFFSET.exec(zone)!;
  const shift = (Number(offset[2]) * 60 + Number(offset[3] ?? 0)) * 60_000;
  if (shift > 24 * 3_600_000) return TIME;
  const millis = Date.UTC(2000, 0, 1); // a base that Date.UTC does not map into 1900–1999
  const date = new Date(millis);
  date.setUTCFullYear(year, Number(found[2]) - 1, Number(found[3]));
  date.setUTCHours(hour, minute, second, 0);
  const utc = new Date(date.getTime() - (offset[1] === "-" ? -shift : shift));
  if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999) return TIME;
  return `"${utc.toISOString().slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z"`;
}

function checkJson(value: unknown): string | Expected {
  const text = JSON.stringify(value);
  return text.includes("\\ud") || text.includes("\\u0000") ? WELL_FORMED : JSON.stringify(text);
}

/** The check of a feature's type; bounds and value lists are checked beside it. */
export function valueCheck(type: FeatureType): ValueCheck {
  switch (type.kind) {
    case "number":
      return checkNumber;
    case "integer":
      return checkInteger;
    case "decimal":
      return decimalCheck(type.precision, type.scale);
    case "text":
      return checkText;
    case "boolean":
      return checkBoolean;
    case "timestamp":
      return checkTime;
    case "date":
      return checkDate;
    case "json":
      return checkJson;
  }
}
