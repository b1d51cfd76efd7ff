import { nearest } from "../cells/yaml/nearest.ts";

const MOST_NAMED = 5;

/** The next step of who named what is not there: the one that was probably meant, or those there are. `what`: "jobs". */
export function thoseThereAre(name: string, names: readonly string[], what: string): string {
  if (names.length === 0) return `The workspace has no ${what} yet.`;
  const near = nearest(name, names);
  if (near !== null) return `Did you mean ${near}?`;
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `There ${names.length === 1 ? "is" : "are"} ${names.slice(0, MOST_NAMED).join(", ")}${more}.`;
}
