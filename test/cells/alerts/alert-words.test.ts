import { describe, expect, test } from "vitest";
import type { Alert } from "../../../cells/alerts/alert.ts";
import { closedText, subjectWords, valueWords, whatResolves, whyWithin } from "../../../cells/alerts/alert-words.ts";
import { judgeRun } from "../../../cells/alerts/judge-run.ts";
import type { JudgedReading } from "../../../cells/alerts/judged-run.ts";
import { mailText, webhookBody } from "../../../cells/alerts/message-formats.ts";
import { messageText } from "../../../cells/alerts/message-text.ts";
import { type Notification, notedAlertOf, notification } from "../../../cells/alerts/notification.ts";
import { afterRuns, aReading, aRun, RULES } from "./a-run.ts";

const words = (more: Partial<JudgedReading>): string => {
  const [alert] = judgeRun([], aRun(1, [aReading("fail", more)]), RULES).alerts;
  return valueWords(alert!.metric!, alert!.observation!);
};

test("a value is told with its noise, its count and its bound, in its unit", () => {
  expect(words({})).toBe("0.310 (95% interval 0.300–0.320, n 5,000), fail above 0.25");
  const recall = {
    metric: "recall",
    kind: "kpi",
    bounds: { warn: null, fail: { type: "below" as const, value: 0.6 } },
  };
  expect(words(recall)).toBe("31.0% (95% interval 30.0–32.0%, n 5,000), fail below 60%");
  expect(words({ lower: null, upper: null })).toBe("0.310 (n 5,000), fail above 0.25");
  const outside = { bounds: { warn: null, fail: { type: "outside" as const, low: 1, high: 2 } } };
  expect(words(outside)).toContain("fail outside 1 to 2");
  expect(words({ metric: "wasserstein", value: 12.5, lower: null, upper: null, details: { normed: 0.4 } })).toBe(
    "12.50 (n 5,000), Wasserstein σ 0.400, fail above 0.25",
  );
});

test("subjects have the names that people use", () => {
  const at = { job: "daily", cell: "moved", metric: "psi", subject: "amount", slice: "country = DE" };
  expect(subjectWords(at)).toBe("PSI of amount in moved, country = DE");
  expect(subjectWords({ ...at, metric: null, subject: null, slice: null })).toBe("moved");
  expect(subjectWords({ ...at, cell: null, metric: null, subject: null, slice: null })).toBe("the runs of daily");
});

describe("what would resolve it", () => {
  const last = (letters: string): Alert => afterRuns(letters).alerts.at(-1)!;
  test.each([
    ["f", "1 more failing run would fire it; a run that does not fail calms it."],
    ["ff", "2 good runs in a row would resolve it: with a value that is not above 0.1."],
    ["ffo", "1 more good run would resolve it: with a value that is not above 0.1."],
    [
      "ffn",
      "2 good runs in a row would resolve it: with a value that is not above 0.1. It was not measured in the last run.",
    ],
    ["ffoo", null],
  ])("after %s: %s", (letters, expected) => {
    expect(whatResolves(last(letters))).toBe(expected);
  });

  test("for a cell and a job", () => {
    const [cell] = judgeRun([], aRun(1, [aReading("no-data")]), RULES).alerts;
    expect(whatResolves(cell!)).toBe("The next run in which the cell is measured resolves it.");
    const [job] = judgeRun([], aRun(1, [], { failure: "It broke." }), RULES).alerts;
    expect(whatResolves(job!)).toBe("The next run that is done resolves it.");
  });
});

test("why a value recovers and is over is said where its run gives no reason", () => {
  const why = (letters: string): string | null => {
    const { alerts, changes } = afterRuns(letters);
    return whyWithin(alerts.at(-1)!, changes.at(-1)!);
  };
  expect(why("ffo")).toMatch(/^Within its bound for 1 of 2 runs: .+, fail above 0\.25\.$/);
  expect(why("ffoo")).toMatch(/^Within its bound for 2 runs: /);
  expect(why("fo")).toMatch(/^Within its bound: /);
  expect(why("ff")).toBeNull();
});

test("how it was closed is said in words", () => {
  expect(closedText("false-alarm: the feed moved")).toBe("false alarm: the feed moved");
  expect(closedText("known-event")).toBe("known event");
  expect(closedText("useful: a known-event")).toBe("useful: a known-event");
});

describe("a message", () => {
  const place = { origin: "https://d.example", zone: "UTC" };
  const message = (count: number): Notification => {
    const readings = Array.from({ length: count }, (_, at) =>
      aReading("fail", { kind: "check", subject: `column ${at}` }),
    );
    const { alerts, changes } = judgeRun([], aRun(1, readings), RULES);
    return {
      ...{
        key: "k",
        type: "changed",
        destination: "team",
        job: "daily & co",
        run: "r/1",
        at: "2026-03-01T06:00:00.000Z",
      },
      alerts: changes.map((change, index) => notedAlertOf(alerts[index]!, change, [])),
      unlisted: {},
    };
  };

  test("lists ten alerts and counts the rest, links to the run whatever its name", () => {
    const { title, items, rest, links } = messageText(message(14), place);
    expect([title, items.length, rest]).toEqual(["daily & co: 14 firing", 10, "and 4 more"]);
    expect(links[0]).toEqual({ text: "Run", href: "https://d.example/jobs/daily%20%26%20co/runs/r%2F1" });
  });

  test("counts for people and programs what it does not list, also one that an earlier version kept whole", () => {
    const whole = message(130);
    const { unlisted: _none, ...earlier } = whole;
    const bounded = { ...whole, alerts: whole.alerts.slice(0, 100), unlisted: { firing: 30 } } as const;
    for (const one of [bounded, notification.parse(earlier)]) {
      expect(messageText(one, place)).toMatchObject({ title: "daily & co: 130 firing", rest: "and 120 more" });
      const { data } = JSON.parse(webhookBody("standard", one, place)) as { data: { more: number; alerts: unknown[] } };
      expect([data.alerts.length, data.more]).toEqual([100, 30]);
    }
  });

  test("is the same bytes each time it is written, in every format", () => {
    for (const format of ["standard", "slack"] as const)
      expect(webhookBody(format, message(2), place)).toBe(webhookBody(format, message(2), place));
    expect(mailText(message(2), place)).toEqual(mailText(message(2), place));
  });

  test("fits into a chat's sections however long a reason is", () => {
    const long = message(1);
    const body = webhookBody(
      "slack",
      { ...long, alerts: [{ ...long.alerts[0]!, reason: `x${"😀".repeat(4000)}` }] },
      place,
    );
    const { blocks } = JSON.parse(body) as { blocks: { text: { text: string } }[] };
    expect(Math.max(...blocks.map(({ text }) => text.text.length))).toBeLessThanOrEqual(3000);
    expect(blocks.every(({ text }) => text.text.isWellFormed())).toBe(true);
    expect(blocks[1]!.text.text).toContain("|Reading>");
  });
});
