import type { ReportPreview } from "../wire/http-reports.ts";

/** "2 outputs will be left out: ids, the text." */
export function leftOutHead({ ran, leftOut }: ReportPreview): string {
  const names = [...new Set(leftOut.map(({ cell }) => cell ?? "the text"))];
  const count = leftOut.length === 0 ? "nothing" : leftOut.length === 1 ? "1 output" : `${leftOut.length} outputs`;
  const said = `${count} will be left out${names.length === 0 ? "" : `: ${names.join(", ")}`}.`;
  return ran ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : `As far as the cells’ texts tell, ${said}`;
}
