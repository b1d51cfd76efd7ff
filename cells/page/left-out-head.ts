import type { ReportPreview } from "../wire/http-reports.ts";

/** "2 outputs will be left out: ids, the text." Never that nothing will be where only texts tell. */
export function leftOutHead({ ran, unknown, leftOut }: Pick<ReportPreview, "ran" | "unknown" | "leftOut">): string {
  const names = [...new Set(leftOut.map(({ cell }) => cell ?? "the text"))];
  const count = leftOut.length === 0 ? "nothing" : leftOut.length === 1 ? "1 output" : `${leftOut.length} outputs`;
  const said = `${count} will be left out${names.length === 0 ? "" : `: ${names.join(", ")}`}.`;
  if (ran && unknown.length === 0) return `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  const told = `As far as the cells’ texts tell, ${said}`;
  if (!ran) return told;
  return `${told} More can be said when ${listed(unknown)} ran as ${unknown.length === 1 ? "it" : "they"} would be published.`;
}

function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
