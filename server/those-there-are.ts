import { nearest } from "../cells/yaml/nearest.ts";

const MOST_NAMED = 8;

/** The next step of who named what is not there: the one that was probably meant, or those there are. `what`: "jobs". */
export function thoseThereAre(name: string, names: readonly string[], what: string): string {
  if (names.length === 0) return `The workspace has no ${what} yet.`;
  const near = nearest(name, names);
  return near === null ? thereText(names) : `Did you mean ${near}?`;
}

/** "There are a.nb.md and b.nb.md.": what could have been meant. */
export function thereText(names: readonly string[]): string {
  if (names.length === 0) return "There are none.";
  const more = names.length > MOST_NAMED ? [`${names.length - MOST_NAMED} more`] : [];
  const listed = [...names.slice(0, MOST_NAMED), ...more];
  return listed.length === 1
    ? `There is ${listed[0]}.`
    : `There are ${listed.slice(0, -1).join(", ")} and ${listed.at(-1)}.`;
}
