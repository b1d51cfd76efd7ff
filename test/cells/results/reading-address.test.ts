import { expect, test } from "vitest";
import { jobOfNotebook, readingAddress } from "../../../cells/results/reading-address.ts";

test("a reading's address says whose it is and what it is compared with, and nothing of these where there is nothing", () => {
  expect(readingAddress("a1")).toBe("/readings/a1");
  expect(readingAddress("a1", { job: null, with: null })).toBe("/readings/a1");
  expect(readingAddress("a1", { job: "täglich & neu" })).toBe("/readings/a1?job=t%C3%A4glich%20%26%20neu");
  expect(readingAddress("a/1", { job: "daily", with: "b2" })).toBe("/readings/a%2F1?job=daily&with=b2");
});

test("what jobs measure is named after them; a notebook in a folder called jobs is a notebook", () => {
  expect(jobOfNotebook("jobs/daily-drift")).toBe("daily-drift");
  expect(jobOfNotebook("jobs/weekly.nb.md")).toBeNull();
  expect(jobOfNotebook("team/fraud.nb.md")).toBeNull();
});
