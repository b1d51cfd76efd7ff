import { expect, test } from "vitest";
import { falseAlarmsText } from "../../../cells/alerts/false-alarms-text.ts";

test.each([
  [null, "no alert has fired"],
  [{ fired: 0, closed: 0, falseAlarms: 0 }, "no alert has fired"],
  [{ fired: 9, closed: 0, falseAlarms: 0 }, "9 fired, none judged yet"],
  [{ fired: 9, closed: 4, falseAlarms: 1 }, "1 of 4 judged, 25%; 9 fired"],
])("the false alarms of %j are a share of what was judged", (record, expected) => {
  expect(falseAlarmsText(record)).toBe(expected);
});
