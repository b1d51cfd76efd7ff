import { describe, expect, test } from "vitest";
import type { JudgedReading } from "../../../cells/alerts/judged-run.ts";
import { mailText, webhookBody } from "../../../cells/alerts/message-formats.ts";
import type { NotedAlert } from "../../../cells/alerts/notification.ts";
import type { Bound } from "../../../cells/results/reading.ts";
import { aMessage, aNotedValue, course } from "./a-run.ts";

const PLACE = { origin: "https://d.example", zone: "UTC" };
const fail = (bound: Bound | null): Partial<JudgedReading> => ({ bounds: { warn: null, fail: bound } });
const THIRTY = `${"o".repeat(26)}woff ${"0.05 ".repeat(26)}0.15 0.09 0.26 0.31`;
const HOSTILE = { subject: "<script>alert(1)</script> <!channel>", slice: 'x = "`` ```<@U1>"', cell: "a&b" };

const slackTexts = (...alerts: readonly NotedAlert[]): string[] => {
  const body = JSON.parse(webhookBody("slack", aMessage(...alerts), PLACE)) as {
    blocks: { text: { text: string } }[];
  };
  return body.blocks.slice(1, -1).map(({ text }) => text.text);
};
/** What stands in the text of fixed width. */
const slackChart = (notation: string, more: Partial<JudgedReading> = {}): string =>
  /```([^`]*)```$/.exec(slackTexts(aNotedValue(notation, more))[0]!)![1]!;
const html = (...alerts: readonly NotedAlert[]): string => mailText(aMessage(...alerts), PLACE).html;

const RUNS = (count: number, last: number) => `${count} runs, 1 Mar 2026, 06:00 UTC to ${last} Mar 2026, 06:00 UTC`;

describe("the chart of block characters", () => {
  test.each<[string, string, Partial<JudgedReading>, string[]]>([
    [
      "of thirty runs",
      THIRTY,
      {},
      [
        `${"▂".repeat(26)}▄▃▇█ 0.310`,
        "least 0.050, greatest 0.310",
        "2 of 30 above 0.25, the fail bound",
        RUNS(30, 30),
      ],
    ],
    [
      "with gaps, also at its end",
      "o-nofe 0.1 0.2 0.4",
      {},
      [
        "▃  ▅█ ",
        "least 0.100, greatest 0.400",
        "1 of 3 above 0.25, the fail bound",
        `${RUNS(6, 6)}, 3 without a value`,
      ],
    ],
    [
      "of two values",
      "of 0.05 0.31",
      {},
      ["▂█ 0.310", "least 0.050, greatest 0.310", "1 of 2 above 0.25, the fail bound", RUNS(2, 2)],
    ],
    [
      "of one value is none",
      "nf 0.31",
      {},
      [
        "one value, 0.310: too few for a chart",
        "1 of 1 above 0.25, the fail bound",
        `${RUNS(2, 2)}, 1 without a value`,
      ],
    ],
    ["of no value is none", "nn", {}, ["no value", `${RUNS(2, 2)}, 2 without a value`]],
    [
      "of negative values",
      "offo -0.1 -0.6 0.5 0",
      fail({ type: "outside", low: -0.4, high: 0.4 }),
      ["▄▁█▅ 0", "least −0.600, greatest 0.500", "2 of 4 outside −0.4 to 0.4, the fail bound", RUNS(4, 4)],
    ],
    [
      "of equal values",
      "fff 3 3 3",
      { metric: "rows", ...fail({ type: "below", value: 10 }) },
      ["▃▃▃ 3", "each 3", "3 of 3 below 10, the fail bound", RUNS(3, 3)],
    ],
    [
      "of values that are far from their bound",
      "oo 1 5",
      fail({ type: "above", value: 1000 }),
      ["▂█ 5", "least 1, greatest 5", "0 of 2 above 1,000, the fail bound, which is off the chart", RUNS(2, 2)],
    ],
    [
      "of values that lie high says where it begins",
      "oof 0.78 0.72 0.66",
      { metric: "recall", ...fail({ type: "below", value: 0.7 }) },
      ["█▆▃ 66.0%", "least 66.0%, greatest 78.0%; bars from 60%", "1 of 3 below 70%, the fail bound", RUNS(3, 3)],
    ],
    [
      "of values that are judged by another number is of that one",
      "off 11:0.12 22.5:0.3 33:0.4",
      { metric: "wasserstein", details: { normed: 0.4 } },
      ["▃▆█ 0.400", "Wasserstein σ: least 0.120, greatest 0.400", "2 of 3 above 0.25, the fail bound", RUNS(3, 3)],
    ],
    [
      "of values of which it is not known by which other number they were judged has no bound",
      "of 11 22.5:0.4",
      { metric: "wasserstein", details: { normed: 0.4 } },
      ["▄█ 22.50", "least 11.00, greatest 22.50", "1 of 2 failed by Wasserstein σ", RUNS(2, 2)],
    ],
    ["without any bound", "of 1.5 3", fail(null), ["▅█ 3.000", "least 1.500, greatest 3.000", RUNS(2, 2)]],
    [
      "with a bound for warnings alone",
      "ow 0.5 1.5",
      { bounds: { warn: { type: "above", value: 1 }, fail: null } },
      ["▃█ 1.500", "least 0.500, greatest 1.500", "1 of 2 above 1, the warn bound", RUNS(2, 2)],
    ],
  ])("%s", (_, notation, more, lines) => {
    expect(slackChart(notation, more).split("\n")).toEqual(lines);
    const text = mailText(aMessage(aNotedValue(notation, more)), PLACE).text.split("\n");
    expect(text.slice(1, lines.length + 1)).toEqual(lines.map((line) => `  ${line}`));
  });

  test("is left out where nothing is known of the past", () => {
    expect(slackTexts({ ...aNotedValue("of 0.1 0.3"), history: [] })[0]).not.toContain("`");
  });

  test("cannot be left by names, which mention nobody", () => {
    const [text] = slackTexts(
      aNotedValue("of 0.1 0.3", { ...HOSTILE, metric: "`own` ```<!here>", details: { normed: 9 } }),
    );
    expect(text).not.toMatch(/<[!@]/);
    expect(text!.split("```").at(-2)).toBe(
      ["▃█ 0.300", "least 0.100, greatest 0.300", "1 of 2 failed by 'own' '''&lt;!here&gt;", RUNS(2, 2)].join("\n"),
    );
  });

  test("and all that stands with it fits into a section of a chat", () => {
    const long = aNotedValue(THIRTY, {
      reason: "&".repeat(9000),
      metric: `own_${"m".repeat(200)}`,
      details: { normed: 9 },
    });
    expect(slackTexts(long)[0]!.length).toBeLessThanOrEqual(3000);
  });
});

test("programs get the past as data", () => {
  const body = JSON.parse(webhookBody("standard", aMessage(aNotedValue("o-f 0.1 0.3")), PLACE)) as {
    data: { alerts: { history: unknown }[] };
  };
  expect(body.data.alerts[0]!.history).toEqual(course("o-f 0.1 0.3"));
});

test("each alert of a message leads to its own page, and says its times with their zone", () => {
  const noted = aNotedValue("of 0.1 0.3", { reason: "It waited until 2026-07-01T06:00:00.000Z." });
  const place = { origin: "https://d.example", zone: "Europe/Berlin" };
  const own = `https://d.example/alerts/${noted.alert}`;
  const [slack, mail] = [webhookBody("slack", aMessage(noted), place), mailText(aMessage(noted), place)];
  for (const text of [slack, mail.text, mail.html]) {
    expect(text).toContain(own);
    expect(text).toContain("1 Mar 2026, 07:00 CET");
    expect(text).toContain("It waited until 1 Jul 2026, 08:00 CEST.");
  }
  // Programs get instants.
  expect(JSON.parse(webhookBody("standard", aMessage(noted), place))).toMatchObject({
    data: { alerts: [{ since: "2026-03-01T06:00:00.000Z", links: { alert: own, reading: expect.any(String) } }] },
  });
});

describe("the chart of an e-mail", () => {
  const parts = (text: string) =>
    [...text.matchAll(/height="(\d+)" bgcolor="(#\w+)"/g)].map(([, h, color]) => `${h} ${color}`);
  const [OK, FAIL, ZERO] = ["#5b87d6", "#d9463c", "#8a939e"];

  test("has bars of cells, cut by the bound, and says what is beside and below them", () => {
    const text = html(aNotedValue("onf 0.1 0.5", fail({ type: "above", value: 0.25 })));
    // From the top: what is above the bound, the bound, what is below it.
    expect(parts(text)).toEqual([`28 ${FAIL}`, `1 ${FAIL}`, `11 ${OK}`, `28 ${FAIL}`]);
    for (const words of [
      "fail &gt; 0.25",
      ">0.500<",
      ">○<",
      ">■</span> 1 fail",
      "1 no data",
      "1 ok",
      "3 runs, 1 Mar 2026",
    ])
      expect(text).toContain(words);
  });

  test("has bars on both sides of zero", () => {
    const text = html(aNotedValue("off 0.5 -0.5 -0.25", fail(null)));
    expect(parts(text)).toEqual([`28 ${OK}`, `1 ${ZERO}`, `28 ${FAIL}`, `14 ${FAIL}`]);
    // The short one hangs from zero.
    expect(text).toContain('<td valign="top"><table cellpadding="0" cellspacing="0"><tr><td width="22" height="14"');
  });

  test("shows what is past the bound by little as past it, and zero as measured", () => {
    expect(parts(html(aNotedValue("of 1 1.001", fail({ type: "above", value: 1 }))))).toContainEqual(`1 ${FAIL}`);
    expect(parts(html(aNotedValue("oo 0 10", fail(null))))).toEqual([`1 ${OK}`, `56 ${OK}`]);
  });

  test("labels what is on it, and says what is off it", () => {
    const text = html(aNotedValue("oo 1 5", fail({ type: "above", value: 1000 })));
    expect(text).not.toContain("fail &gt; 1,000");
    expect(text).toContain("the fail bound, which is off the chart");
    expect(html(aNotedValue("ofn 0.1 0.5"))).not.toMatch(/padding-left:6px[^>]*>0\.5/);
  });

  test("is not drawn of a single value, nor where nothing is known of the past", () => {
    expect(html(aNotedValue("f 0.5"))).toContain("too few for a chart");
    for (const alert of [aNotedValue("f 0.5"), { ...aNotedValue("of 0.1 0.5"), history: [] }])
      expect(html(alert)).not.toContain("bgcolor");
  });

  test("escapes what is anybody's, fetches nothing, and links to the workspace alone", () => {
    const reason = '<img src="https://evil.example/x.png"> "quoted" & style=';
    const text = html(aNotedValue("of 0.1 0.5", { ...HOSTILE, reason }));
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &lt;!channel&gt;");
    expect(text).not.toMatch(/<(script|img|link|iframe|object|svg)\b|url\(|@import/i);
    const hrefs = [...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!);
    expect(hrefs).toEqual([
      expect.stringMatching(/^https:\/\/d\.example\/alerts\/[\da-f]{12}$/),
      "https://d.example/readings/reading-1?job=daily",
      "https://d.example/jobs/daily/runs/r30",
      "https://d.example/alerts",
    ]);
  });

  test("stays below what mail programs cut off: the last charts are blocks where all are full", () => {
    const both = { type: "outside", low: -1, high: 1 } as const;
    const full = `${"f".repeat(30)} ${"-5 5 ".repeat(15).trim()}`;
    const usual = html(...Array.from({ length: 10 }, () => aNotedValue(THIRTY)));
    const crowded = html(...Array.from({ length: 10 }, () => aNotedValue(full, fail(both))));
    for (const text of [usual, crowded]) expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    const drawn = (text: string) => [text.split('role="img"').length - 1, text.split("▁█▁█").length > 1];
    expect(drawn(usual)).toEqual([10, false]);
    expect(drawn(crowded)).toEqual([expect.any(Number), true]);
    expect(drawn(crowded)[0]).toBeGreaterThan(5);
  });
});
