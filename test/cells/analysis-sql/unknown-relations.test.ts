import { expect, test } from "vitest";
import { unknownRelations } from "../../../cells/analysis/unknown-relations.ts";

test.each([
  ["card_fraud", null],
  ["card_fraud.decisions", null],
  ["card_fraud.outcomes", null],
  ["daily", null],
  ["monitor.readings", null],
  ["information_schema.tables", null],
  ["duckdb_settings", null],
  ["data/loans.csv", null],
  ["(measured)", null],
  ["nosuchstream", 'There is no relation "nosuchstream": no stream, and no cell of this notebook.'],
  [
    "card_frauds",
    'There is no relation "card_frauds": no stream, and no cell of this notebook; did you mean card_fraud?',
  ],
  ["dayly", 'There is no relation "dayly": no stream, and no cell of this notebook; did you mean daily?'],
  ["lending.decisions", 'There is no relation "lending.decisions": no stream lending.'],
  [
    "card_fraud.decision",
    'There is no relation "card_fraud.decision": no decision of the stream card_fraud; did you mean decisions?',
  ],
])("%s", (relation, words) => {
  expect(unknownRelations([relation], ["card_fraud"], ["daily"])).toEqual(words === null ? [] : [words]);
});
