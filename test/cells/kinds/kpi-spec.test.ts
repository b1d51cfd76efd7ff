import { expect, test } from "vitest";
import { toKpi } from "../../../cells/kinds/kpi/kpi-spec.ts";
import { readMonitoring } from "../../../cells/monitoring/monitoring-kinds.ts";

const problems = (yaml: string): string[] => {
  const read = readMonitoring("kpi", yaml);
  return read.ok ? [] : read.problems.map(({ message }) => message);
};

test("known_after is a length of time, and needs the pieces that it looks back at", () => {
  expect(problems("from: s\nevery: 1 week\nknown_after: 4 weeks")).toEqual([]);
  expect(problems("from: s\nknown_after: 4 weeks").join()).toMatch(/known_after.*needs every/);
  expect(problems("from: s\nevery: 1 week\nknown_after: soon").join()).toMatch(
    /known_after.*"soon" is no length of time/,
  );
  expect(problems("from: s\nevery: 1 week\nknown_aftr: 4 weeks").join()).toMatch(/known_aftr.*known_after/);
  const read = readMonitoring("kpi", "from: s\nevery: 1 week\nknown_after: 4 weeks");
  expect(read.ok && toKpi(read.value.written as Parameters<typeof toKpi>[0]).knownAfter).toEqual({
    count: 4,
    unit: "week",
  });
});
