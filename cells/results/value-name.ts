/** As a notebook's headline has it: "fraud_kpis.recall", "score_drift.amount.psi". */
export const valueName = ({
  cell,
  metric,
  subject,
}: {
  readonly cell: string;
  readonly metric: string;
  readonly subject: string | null;
}): string => [cell, ...(subject === null ? [] : [subject]), metric].join(".");
