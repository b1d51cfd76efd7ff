import { expect, test } from "vitest";
import { scheduleWords } from "../../client/pages/schedule-words.ts";

test.each([
  ["every  Day at 06:00", "every day at 06:00"],
  ["* * * * *", "every minute"],
  ["*/15 * * * *", "every 15 minutes"],
  ["0 * * * *", "every hour"],
  ["5 * * * *", "every hour at :05"],
  ["0 */6 * * *", "every 6 hours"],
  ["0 6 * * *", "every day at 06:00"],
  ["30 6,18 * * *", "every day at 06:30 and 18:30"],
  ["0 6 * * 1-5", "every weekday at 06:00"],
  ["0 7 * * 1", "every Monday at 07:00"],
  ["0 7 * * 7", "every Sunday at 07:00"],
  ["0 7 1 * *", "on day 1 of every month at 07:00"],
])("the schedule %s reads as %s", (schedule, words) => {
  expect(scheduleWords(schedule)).toBe(words);
});

test.each(["0 6 1 * 1", "0 6 * 3 *", "0 6-8 * * *", "*/5 9 * * *", "0 6 * * 1,3"])(
  "what no short sentence says, %s, stays as it is written",
  (schedule) => {
    expect(scheduleWords(schedule)).toBe(schedule);
  },
);
