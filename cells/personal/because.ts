/** Why something may hold personal values. */
export type Because =
  /** `column` of the cell `from`; null where it is of what the text itself asks. */
  | { readonly type: "column"; readonly column: string; readonly from: string | null }
  /** Readings of the cell `from` that name values of a personal column. */
  | { readonly type: "readings"; readonly from: string | null }
  /** An input that `from` compares with a personal column. */
  | { readonly type: "compared"; readonly input: string; readonly column: string; readonly from: string }
  /** A text that is no TypeScript. */
  | { readonly type: "unread"; readonly from: string | null };

/** Where a name cannot be told, or would quote the text that it was made of. */
export const SOME_COLUMN = "a personal column";

/** "it is made from latest, which has account_id". */
export function becauseText(because: Because): string {
  const { from } = because;
  switch (because.type) {
    case "column":
      return from === null ? `it asks for ${because.column}` : `it is made from ${from}, which has ${because.column}`;
    case "readings":
      return `${from === null ? "its" : `it is made from ${from}, whose`} readings name values of a personal column`;
    case "compared":
      return `${because.input} is compared with ${because.column} in ${from}`;
    case "unread":
      return `${from ?? "its text"} could not be read as TypeScript`;
  }
}

/** What its author can do so that it is shown. */
export function remedyText(because: Because): string {
  const anyway = "publish with personal columns";
  switch (because.type) {
    case "column":
      return `Leave ${because.column === SOME_COLUMN ? "the personal column" : because.column} out of ${because.from === null ? "its SQL" : `the SQL of ${because.from}`}, or ${anyway}.`;
    case "readings":
      return `Measure by another column, or ${anyway}.`;
    case "compared":
      return `Take ${because.input} out of this part, or ${anyway}.`;
    case "unread":
      return `Mend it, or ${anyway}.`;
  }
}
