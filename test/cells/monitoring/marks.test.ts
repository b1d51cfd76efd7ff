import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countsAt, type Mark } from "../../../cells/monitoring/mark.ts";
import { excludedWindows, exclusionNotes, shownMarks } from "../../../cells/monitoring/marked-windows.ts";

const HOUR = 3_600_000;
const at = (hour: number): string => new Date(Date.UTC(2026, 2, 1) + hour * HOUR).toISOString();
const over = (from: number, to: number) => ({ start: at(from), end: at(to) });
const made = (from: number, to: number, change: Partial<Mark> = {}): Mark => ({
  id: `${from}-${to}`,
  stream: "card_fraud",
  window: over(from, to),
  note: "outage",
  excludes: true,
  madeAt: at(0),
  by: "command line",
  removedAt: null,
  ...change,
});

test.each([
  [at(-1), null, true],
  [at(0), null, true],
  ["2026-03-01T00:00:00.000001Z", null, false],
  [at(-2), at(-1), false],
  [at(-2), at(0), false],
  [at(-2), "2026-03-01T00:00:00.000001Z", true],
])("made at %s and removed at %s: at midnight it counts: %s", (madeAt, removedAt, counts) => {
  expect(countsAt({ madeAt, removedAt }, at(0))).toBe(counts);
});

describe("marks and windows", () => {
  const hours = fc.integer({ min: 0, max: 100 });
  const window = fc.tuple(hours, fc.integer({ min: 1, max: 40 })).map(([from, long]) => [from, from + long] as const);
  const marks = fc.array(
    fc
      .tuple(window, fc.boolean(), fc.constantFrom("card_fraud", "loans"))
      .map(([[from, to], excludes, stream]) => made(from, to, { excludes, stream })),
    { maxLength: 6 },
  );

  test("an hour of the window is excluded exactly where an excluding mark of the stream lies on it", () => {
    fc.assert(
      fc.property(marks, window, (all, [from, to]) => {
        const rows = { stream: "card_fraud", window: over(from, to) };
        const excluded = excludedWindows(all, rows);
        const isIn = (hour: number, windows: readonly { start: string; end: string }[]): boolean =>
          windows.some(({ start, end }) => start <= at(hour) && at(hour) < end);
        const own = all.filter((one) => one.stream === "card_fraud" && one.excludes).map((one) => one.window);
        const inside = Array.from({ length: to - from }, (_, step) => from + step);
        for (const hour of inside) expect(isIn(hour, excluded)).toBe(isIn(hour, own));
        const count = inside.filter((hour) => isIn(hour, own)).length;
        const [note] = exclusionNotes(all, rows, "reference");
        if (count === 0) expect(note).toBeUndefined();
        else if (count < 23) expect(note).toContain(` ${count} hour${count === 1 ? "" : "s"} of the reference`);
        else expect(note).toContain(`${Number((count / 24).toFixed(1))} day`);
      }),
    );
  });

  test("rows of no stream have no marks", () => {
    const rows = { stream: null, window: null };
    expect([excludedWindows([made(0, 9)], rows), exclusionNotes([made(0, 9)], rows, "window")]).toEqual([[], []]);
  });

  test("the sentence counts time once, and says why", () => {
    const all = [made(0, 48), made(24, 72, { note: "fraud attack" }), made(200, 300), made(0, 5, { excludes: false })];
    const rows = { stream: "card_fraud", window: over(0, 100) };
    expect(exclusionNotes(all, rows, "reference")).toEqual([
      "2 marks exclude 3 days of the reference: outage, fraud attack",
    ]);
    expect(exclusionNotes([made(0, 24)], { ...rows, window: null }, "window")).toEqual([
      "1 mark excludes 1 day of the window: outage",
    ]);
  });

  test("what touches any of the windows is shown once, oldest first", () => {
    const all = [made(50, 60), made(10, 20, { excludes: false, note: "campaign" }), made(300, 301)];
    const rows = [over(0, 55), over(55, 100)].map((one) => ({ stream: "card_fraud", window: one }));
    expect(shownMarks(all, rows)).toEqual([
      { window: [at(10), at(20)], note: "campaign", excludes: false },
      { window: [at(50), at(60)], note: "outage", excludes: true },
    ]);
  });
});
