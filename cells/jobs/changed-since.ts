import type { Job } from "../wire/http-jobs.ts";

type Changed = Pick<Job, "textChanged" | "contractsChanged">;

/** "text and contract of card_fraud have changed since": what is another one than the version in force froze; null for nothing. */
export function changedSince({ textChanged, contractsChanged }: Changed): string | null {
  const parts = [
    ...(textChanged ? ["text"] : []),
    ...(contractsChanged.length === 0
      ? []
      : [`contract${contractsChanged.length === 1 ? "" : "s"} of ${contractsChanged.join(", ")}`]),
  ];
  if (parts.length === 0) return null;
  return `${parts.join(" and ")} ${parts.length === 1 && contractsChanged.length < 2 ? "has" : "have"} changed since`;
}
