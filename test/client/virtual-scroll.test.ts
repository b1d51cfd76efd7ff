import { expect, test } from "vitest";
import { VirtualScroll } from "../../client/outputs/virtual-scroll.ts";

const ROW = 28;
const VIEW = 12 * ROW;

test("where all rows fit, the bar is exact", () => {
  const scroll = new VirtualScroll(ROW);
  scroll.resize(1000, VIEW);
  expect(scroll.placement()).toEqual({ height: 28_000, first: 0, top: 0 });
  scroll.scrolled(100 * ROW + 5);
  expect(scroll.placement()).toEqual({ height: 28_000, first: 100, top: 2800 });
  scroll.scrolled(28_000 - VIEW);
  expect(scroll.placement().first).toBe(988);
});

test("of ten million rows both ends are reached, and a drag goes to its share", () => {
  const scroll = new VirtualScroll(ROW);
  scroll.resize(10_000_000, VIEW);
  const { height } = scroll.placement();
  expect(height).toBeLessThanOrEqual(8_000_000);
  scroll.scrolled(height - VIEW);
  expect(scroll.placement().first).toBe(10_000_000 - 12);
  scroll.scrolled((height - VIEW) / 2);
  expect(scroll.placement().first / 10_000_000).toBeCloseTo(0.5, 3);
  scroll.scrolled(0);
  expect(scroll.placement().first).toBe(0);
});

test("a wheel over ten million rows jumps over none", () => {
  const scroll = new VirtualScroll(ROW);
  scroll.resize(10_000_000, VIEW);
  let bar = 4_000_000;
  scroll.scrolled(bar);
  let before = scroll.placement().first;
  for (let turn = 0; turn < 50; turn += 1) {
    bar += 120;
    scroll.scrolled(bar);
    const { first, top } = scroll.placement();
    expect(first - before).toBeGreaterThanOrEqual(4);
    expect(first - before).toBeLessThanOrEqual(5);
    // The first row is drawn at the top of the view, at most one row above it.
    expect(bar - top).toBeGreaterThanOrEqual(0);
    expect(bar - top).toBeLessThan(ROW);
    before = first;
  }
});

test("showing a row brings it into the view, and one that is there moves nothing", () => {
  for (const rows of [1000, 10_000_000]) {
    const scroll = new VirtualScroll(ROW);
    scroll.resize(rows, VIEW);
    for (const row of [0, 5, 11, 12, 500, rows - 1, 40]) {
      const bar = scroll.show(row);
      scroll.scrolled(bar);
      const { first } = scroll.placement();
      expect(row).toBeGreaterThanOrEqual(first);
      expect(row).toBeLessThanOrEqual(first + 12);
    }
    const before = scroll.show(42);
    expect(scroll.show(42)).toBe(before);
  }
});

test("fewer rows after a filter never leave the view behind the end", () => {
  const scroll = new VirtualScroll(ROW);
  scroll.resize(1000, VIEW);
  scroll.scrolled(20_000);
  scroll.resize(3, 3 * ROW);
  expect(scroll.placement().first).toBe(0);
});
