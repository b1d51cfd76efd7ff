import { expect, test } from "vitest";
import { explainExit } from "../../../kernels/lifecycle/explain-exit.ts";
import {
  type EndReason,
  nextState,
  type ProcessEvent,
  type ProcessState,
} from "../../../kernels/lifecycle/process-state.ts";

const requested: EndReason = { kind: "requested" };
const TABLE = `
starting + ready = idle          | idle + ready = idle         | busy + ready = busy          | interrupting + ready = interrupting
starting + work = starting       | idle + work = busy          | busy + work = busy           | interrupting + work = interrupting
starting + interrupt = starting  | idle + interrupt = idle     | busy + interrupt = interrupting | interrupting + interrupt = interrupting
starting + settle = starting     | idle + settle = idle        | busy + settle = idle         | interrupting + settle = idle
starting + end = ended           | idle + end = ended          | busy + end = ended           | interrupting + end = ended
ended + ready = ended | ended + work = ended | ended + interrupt = ended | ended + settle = ended | ended + end = ended`;

const rows = TABLE.split(/[|\n]/).flatMap((row) => {
  const [, from, event, to] = /(\S+) \+ (\S+) = (\S+)/.exec(row) ?? [];
  return from === undefined ? [] : [{ from, event, to }];
});

test("the table names every phase with every event", () => {
  expect(rows).toHaveLength(25);
  expect(new Set(rows.map((row) => `${row.from} ${row.event}`)).size).toBe(25);
});

test.each(rows)("$from + $event = $to", ({ from, event, to }) => {
  const state = (from === "ended" ? { phase: from, because: requested } : { phase: from }) as ProcessState;
  const happening = (
    event === "end" ? { type: event, because: { kind: "left", code: 1, stderrTail: "" } } : { type: event }
  ) as ProcessEvent;
  const next = nextState(state, happening);
  expect(next.phase).toBe(to);
  if (from === "ended") expect(next).toBe(state);
});

const reasons: EndReason[] = [
  requested,
  { kind: "time-limit", limitMillis: 1500 },
  { kind: "out-of-memory", limitBytes: 512 * 1024 * 1024 },
  { kind: "failed-to-start", problem: "spawn nowhere ENOENT", stderrTail: "" },
  { kind: "killed", signal: "SIGKILL", stderrTail: "" },
  { kind: "left", code: 3, stderrTail: "a\nb\n" },
  { kind: "broken-protocol", problem: "Frame header is not JSON" },
];

test("every end is explained with what happened and what to do next", () => {
  const texts = reasons.map((reason) => explainExit("The SQL engine", reason));
  expect(texts.map((text) => text.message)).toEqual([
    "The SQL engine was ended on request.",
    "The SQL engine did not finish within its limit of 1.5 s and was ended.",
    "The SQL engine ran out of memory (limit 512 MB) and was ended.",
    "The SQL engine did not start: spawn nowhere ENOENT",
    "The SQL engine was killed from outside by SIGKILL.",
    "The SQL engine left by itself with exit code 3. It last printed: a | b",
    "The SQL engine sent something that is no message (Frame header is not JSON) and was ended.",
  ]);
  for (const text of texts) expect(text.hint.length).toBeGreaterThan(10);
});
