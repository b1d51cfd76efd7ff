import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AccountSums, accountMetrics } from "../../../../cells/statistics/outcomes/accounts.ts";
import { numbersIn } from "./random-rows.ts";

interface Row {
  readonly account: string;
  readonly fraud: boolean;
  readonly alerted: boolean;
  readonly amount: number;
}

/** What an engine would sum over rows in time order. */
function sumsOf(rows: readonly Row[]): AccountSums {
  const accounts = [...new Set(rows.map((row) => row.account))].map((name) =>
    rows.filter((row) => row.account === name),
  );
  const fraud = accounts.filter((own) => own.some((row) => row.fraud));
  const alerted = accounts.filter((own) => own.some((row) => row.alerted));
  const amountOf = (some: readonly Row[]): number =>
    some.filter((row) => row.fraud).reduce((sum, row) => sum + row.amount, 0);
  const from = (skipped: number): number =>
    alerted.reduce((sum, own) => sum + amountOf(own.slice(own.findIndex((row) => row.alerted) + skipped)), 0);
  const count = (isFraud: boolean, isAlerted: boolean): number =>
    rows.filter((row) => row.fraud === isFraud && row.alerted === isAlerted).length;
  return {
    fraudAccounts: fraud.length,
    detectedAccounts: fraud.filter((own) => alerted.includes(own)).length,
    alertedNonFraudAccounts: alerted.filter((own) => !fraud.includes(own)).length,
    fraudAmount: amountOf(rows),
    amountFromFirstAlert: from(0),
    amountAfterFirstAlert: from(1),
    amountAlerted: amountOf(rows.filter((row) => row.alerted)),
    rows: { tp: count(true, true), fp: count(false, true), tn: count(false, false), fn: count(true, false) },
  };
}

const rows = fc.array(
  fc.record({
    account: fc.constantFrom("a", "b", "c", "d"),
    fraud: fc.boolean(),
    alerted: fc.boolean(),
    amount: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 20, size: "max" },
);

describe("account metrics", () => {
  test("three accounts worked by hand", () => {
    const metrics = accountMetrics(
      sumsOf([
        { account: "a", fraud: true, alerted: false, amount: 10 },
        { account: "a", fraud: true, alerted: true, amount: 20 },
        { account: "a", fraud: true, alerted: false, amount: 30 },
        { account: "b", fraud: true, alerted: false, amount: 40 },
        { account: "c", fraud: false, alerted: true, amount: 50 },
        { account: "c", fraud: false, alerted: true, amount: 50 },
      ]),
    );
    expect(metrics.adr).toEqual({ value: 0.5, lower: null, upper: null, n: 2 });
    expect(metrics.vdr_realtime.value).toBe(0.5);
    expect(metrics.vdr_online.value).toBe(0.3);
    expect(metrics.value_recall.value).toBe(0.2);
    expect(metrics.afpr.value).toBe(1);
    expect(metrics.tdr).toMatchObject({ value: 0.25, n: 4 });
    expect(metrics.tfpr.value).toBe(2);
  });

  test("no fraud has no value, and value detected online is no more than in real time", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const metrics = accountMetrics(sumsOf(some));
        expect(numbersIn(metrics).every(Number.isFinite)).toBe(true);
        if (some.every((row) => !row.fraud)) {
          expect(Object.values(metrics).map(({ value }) => value)).toEqual(Array(7).fill(null));
          return;
        }
        const { vdr_realtime, vdr_online, value_recall, adr, tdr } = metrics;
        expect(vdr_online.value).toBeLessThanOrEqual(vdr_realtime.value!);
        expect(value_recall.value).toBeLessThanOrEqual(vdr_realtime.value!);
        if (adr.value === 0) expect([vdr_realtime.value, tdr.value]).toEqual([0, 0]);
      }),
    );
  });
});
