import { afterEach, expect, test } from "vitest";
import { mailText } from "../../cells/alerts/message-formats.ts";
import { aMessage, aNotedValue } from "../cells/alerts/a-run.ts";
import { openBrowser, seriousFaults, type TestBrowser } from "../support/browser.ts";

const PLACE = { origin: "https://d.example", zone: "UTC" };
const below = { type: "below", value: 0.7 } as const;
const outside = { type: "outside", low: -0.4, high: 0.4 } as const;
const MAIL = mailText(
  aMessage(
    aNotedValue(`${"o".repeat(20)}-nwewoofff ${"0.05 0.08 ".repeat(10)}0.12 0.14 0.07 0.09 0.26 0.29 0.31`),
    aNotedValue("ooof 0.74 0.78 0.71 0.66", { metric: "recall", bounds: { warn: null, fail: below } }),
    aNotedValue("ofof -0.1 0.5 0 -0.6", { bounds: { warn: null, fail: outside }, subject: "<script>x</script>" }),
    { ...aNotedValue("oo 0.1 0.2"), to: "resolved" },
    { ...aNotedValue("f 0.3"), to: "gone" },
  ),
  PLACE,
).html;

let browser: TestBrowser | undefined;
afterEach(() => browser?.close());

/** Boxes of what is coloured within the chart of that number: a bound or zero spans all columns. */
const BOXES = (chart: number) => `[...document.querySelectorAll("[role=img]")[${chart}].querySelectorAll("td[bgcolor]")]
  .map((cell) => ({ isRule: cell.colSpan > 1, color: cell.bgColor, ...cell.getBoundingClientRect().toJSON() }))`;
interface Box {
  readonly isRule: boolean;
  readonly color: string;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
}

test.each([
  ["light, wide", { width: 900, dark: false }],
  ["dark, on a telephone", { width: 380, dark: true }],
  ["light, on a telephone", { width: 380, dark: false }],
  ["dark, wide", { width: 900, dark: true }],
])("an e-mail is read without anything from elsewhere: %s", async (_, { width, dark }) => {
  browser = await openBrowser({ width, height: 800, dark });
  const page = await browser.page();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.setContent(MAIL);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  expect(await seriousFaults(page)).toEqual([]);
  expect([asked, browser.errors]).toEqual([[], []]);
  const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
  expect(ground).toBe(dark ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)");
});

test("bars of an e-mail stand on one line, are as high as their values, and cross the bound where they are past it", async () => {
  browser = await openBrowser({ width: 380 });
  const page = await browser.page();
  await page.setContent(MAIL);
  const boxes = async (chart: number) => (await page.evaluate(BOXES(chart))) as Box[];

  const psi = await boxes(0);
  const [bound] = psi.filter(({ isRule }) => isRule) as [Box];
  const parts = psi.filter(({ isRule }) => !isRule).toSorted((one, other) => one.left - other.left);
  const bars = [...Map.groupBy(parts, ({ left }) => left).values()];
  const tops = bars.map((bar) => Math.min(...bar.map(({ top }) => top)));
  const bottoms = new Set(bars.map((bar) => Math.max(...bar.map(({ bottom }) => bottom))));
  expect([bars.length, bottoms.size]).toEqual([27, 1]);
  const [bottom] = [...bottoms] as [number];
  // Of 57 pixels, one of them the bound's.
  expect(bottom - tops.at(-1)!).toBe(57);
  expect(bottom - bound.top).toBe(1 + Math.round((0.25 / 0.31) * 56));
  expect(tops.filter((top) => top < bound.top)).toHaveLength(3);
  expect(bars.at(-1)!.every(({ color, width }) => color === "#d9463c" && width === 7)).toBe(true);

  const both = await boxes(2);
  const rules = both.filter(({ isRule }) => isRule);
  expect(rules.map(({ color }) => color)).toEqual(["#d9463c", "#8a939e", "#d9463c"]);
  const hanging = both.filter(({ isRule, top }) => !isRule && top > rules[1]!.top);
  expect(hanging.map(({ top }) => top)).toEqual([rules[1]!.bottom, rules[1]!.bottom, rules[2]!.bottom]);
  await expect(page.locator("script").count()).resolves.toBe(0);
});
