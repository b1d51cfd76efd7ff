/** From here on not even 38 digits hold the sums of amounts exactly. */
export const MONEY_LIMIT = 1e28;

/**
 * The SQL type in which amounts up to `largest` are added up, exactly and so free of order: 17 digits from the first of
 * the largest on where those fit the fast type of 64 bits, else 28, but never beyond the 38th decimal. Null at `MONEY_LIMIT`
 * and above.
 */
export function moneyType(largest: number): string | null {
  if (!(largest < MONEY_LIMIT)) return null;
  const digits = largest === 0 ? 1 : Math.floor(Math.log10(largest)) + 1;
  if (digits >= 12) return `DECIMAL(38,${Math.max(0, 28 - digits)})`;
  const decimals = 17 - digits;
  return decimals <= 18 ? `DECIMAL(18,${decimals})` : `DECIMAL(38,${Math.min(38, decimals)})`;
}
