import { expect, test } from "vitest";
import { jobSpec, targetOf } from "../../../cells/jobs/job-spec.ts";
import { parseYaml } from "../../../cells/yaml/read-yaml.ts";

const WHOLE = `run: drift.nb.md#score_drift
schedule: "0 6 * * *"
zone: Europe/Berlin
window: yesterday
wait: 2 hours
catch_up: all, at most 30
overlap: queue
retries: 2
timeout: 10 minutes
set: {threshold: 0.8, country: DE, strict: true}
alert: {to: [risk-slack], after: 2 runs, repeat: 1 day}
version: 3f9c
`;

test("a job file with every key is read, and its smallest form", () => {
  const read = parseYaml(WHOLE, jobSpec);
  expect(read.ok && targetOf(read.value)).toEqual({ notebook: "drift.nb.md", cell: "score_drift" });
  const small = parseYaml("run: reports/fraud.nb.md\nschedule: every day at 06:00\n", jobSpec);
  expect(small.ok && targetOf(small.value)).toEqual({ notebook: "reports/fraud.nb.md", cell: null });
});

test("when alerts fire can be said without anybody to tell", () => {
  const text = "run: a.nb.md\nschedule: every hour\nalert: {after: 5 runs, repeat: 3 hours}\n";
  const read = parseYaml(text, jobSpec);
  expect(read.ok && read.value.alert).toEqual({ after: "5 runs", repeat: "3 hours" });
});

test("what a problem quotes already is not quoted again", () => {
  const read = parseYaml("run: a.nb.md\nschedule: 0 0 31 2 *\n", jobSpec);
  expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual([
    'schedule: "0 0 31 2 *" never comes: no month of these has such a day; take one that a month has, such as 28',
  ]);
});

test.each([
  ["schedul: x", "did you mean schedule?"],
  ["zone: Mars/Olympus", "is no IANA zone"],
  ['schedule: "0 0 30 2 *"', "never comes"],
  ["run: drift.md", "expected a notebook"],
  [
    'run: "team #1/drift.nb.md"',
    'cannot have a "#", which begins the name of a cell; rename the notebook or its folder',
  ],
  ['run: "team #1/drift.nb.md#score"', 'cannot have a "#"'],
  ['run: "drift.nb.md#a#b"', "expected a notebook"],
  ["catch_up: everything", "expected latest, skip"],
  ["overlap: skpi", "did you mean skip?"],
  ["retries: many", "retries"],
  ["timeout: 10 seconds", 'timeout: "10 seconds" is no length of time; expected one such as 10 minutes or 1 hour'],
  ["wait: soon", 'wait: "soon" is no length of time; expected one such as 30 minutes or 2 hours'],
  ["window: last 7 dayz", "is no window"],
  ["alert: {to: []}", "alert.to"],
])("%s is refused with its line: %s", (line, reason) => {
  const key = line.split(":")[0]!;
  const others = WHOLE.split("\n").filter((one) => !one.startsWith(`${key}:`));
  const read = parseYaml([...others.filter((one) => one !== ""), line].join("\n"), jobSpec);
  expect(read.ok).toBe(false);
  if (read.ok) return;
  const problem = read.problems.find(({ message }) => message.includes(reason));
  expect(problem, JSON.stringify(read.problems)).toBeDefined();
  expect(problem!.line).toBe(others.filter((one) => one !== "").length + 1);
});
