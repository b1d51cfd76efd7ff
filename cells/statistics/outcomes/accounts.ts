import type { Confusion } from "./confusion.ts";
import { type Estimate, ratio, wilson, withoutInterval } from "./interval.ts";

/**
 * Sums over the accounts of a window, its rows ordered by time, then decision_id. An account is fraud if any of its
 * rows is, and is alerted if any of its rows is.
 */
export interface AccountSums {
  readonly fraudAccounts: number;
  /** Fraud accounts that are alerted. */
  readonly detectedAccounts: number;
  /** Alerted accounts that are not fraud. */
  readonly alertedNonFraudAccounts: number;
  /** The amount of all fraud rows. */
  readonly fraudAmount: number;
  /** Of it, that of the rows from their account's first alert on, the alerting row included. */
  readonly amountFromFirstAlert: number;
  /** Of it, that of the rows after the alerting row. */
  readonly amountAfterFirstAlert: number;
  /** Of it, that of the rows that are alerted themselves. */
  readonly amountAlerted: number;
  /** The same decisions, row by row. */
  readonly rows: Confusion;
}

export interface AccountMetrics {
  /** Account detection rate: detected / all fraud accounts. */
  readonly adr: Estimate;
  /** Value detection rate where the alert stops its own row: amount from the first alert on / fraud amount. */
  readonly vdr_realtime: Estimate;
  /** Value detection rate where the alert stops what follows: amount after the alerting row / fraud amount. */
  readonly vdr_online: Estimate;
  /**
   * Account false positive ratio, alerted non-fraud / detected fraud accounts: a ratio that may exceed 1, not a rate.
   */
  readonly afpr: Estimate;
  /** Transaction detection rate: alerted fraud rows / fraud rows, which is recall; Wilson interval. */
  readonly tdr: Estimate;
  /**
   * Transaction false positive ratio, alerted non-fraud / alerted fraud rows: a ratio that may exceed 1, not a rate.
   */
  readonly tfpr: Estimate;
  /** Amount of alerted fraud rows / fraud amount. */
  readonly value_recall: Estimate;
}

/** Detection by account, by value and by row; n is the fraud accounts, or fraud rows, or those of them detected. */
export function accountMetrics(sums: AccountSums): AccountMetrics {
  const { fraudAccounts, detectedAccounts, rows } = sums;
  const fraudRows = rows.tp + rows.fn;
  const ofAmount = (amount: number, n: number): Estimate => withoutInterval(ratio(amount, sums.fraudAmount), n);
  return {
    adr: withoutInterval(ratio(detectedAccounts, fraudAccounts), fraudAccounts),
    vdr_realtime: ofAmount(sums.amountFromFirstAlert, fraudAccounts),
    vdr_online: ofAmount(sums.amountAfterFirstAlert, fraudAccounts),
    afpr: withoutInterval(ratio(sums.alertedNonFraudAccounts, detectedAccounts), detectedAccounts),
    tdr: wilson(rows.tp, fraudRows),
    tfpr: withoutInterval(ratio(rows.fp, rows.tp), rows.tp),
    value_recall: ofAmount(sums.amountAlerted, fraudRows),
  };
}
