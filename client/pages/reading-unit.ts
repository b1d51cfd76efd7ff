import type { Unit } from "../../cells/views/number-text.ts";
import type { KeptReading } from "../../cells/wire/http-readings.ts";

interface KnownContract {
  readonly decision?: { readonly amount?: string | null };
  readonly features?: readonly { readonly name: string; readonly unit: string | null }[];
}

/** "EUR": what the contracts say an amount, or a distance along a column, is counted in; null where they say nothing. */
export function unitOf({ reading, measurement }: KeptReading, unit: Unit): string | null {
  const found = measurement.contracts.flatMap(({ contract }) => {
    const { decision, features = [] } = (contract ?? {}) as KnownContract;
    const column = unit === "amount" ? decision?.amount : reading.metric === "wasserstein" ? reading.subject : null;
    return features.filter(({ name }) => name === column).flatMap((feature) => feature.unit ?? []);
  });
  // Two streams in two currencies: then no word is better than a wrong one.
  return new Set(found).size === 1 ? found[0]! : null;
}
