import type { Probe } from "./probe.ts";

/** A measured value as a sentence says it. */
export function foundText(value: number, unit: Probe["unit"]): string {
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 }).format(value);
  switch (unit) {
    case "rows":
      return `${new Intl.NumberFormat("en").format(value)} ${value === 1 ? "row" : "rows"}`;
    case "groups":
      return `${new Intl.NumberFormat("en").format(value)} ${value === 1 ? "value" : "values"} more than once`;
    case "share":
      return `${Number((value * 100).toPrecision(4))} %`;
    case "ratio":
      return `${Number((value * 100).toPrecision(4))} % of the rows before`;
    case "seconds":
      return duration(value);
    default:
      return number;
  }
}

function duration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units[3];
  if (Math.abs(seconds) < 1) return "under a second";
  const count = Number((seconds / size).toPrecision(3));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
