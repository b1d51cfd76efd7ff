import type { StreamRoles } from "../../cells/monitoring/stream-roles.ts";
import type { Contract } from "./contract.ts";

const NUMERIC: ReadonlySet<string> = new Set(["number", "integer", "decimal"]);

/** What a contract says that monitoring cells need. */
export function rolesOf(contract: Contract): StreamRoles {
  const { decision, feedback, features } = contract;
  return {
    stream: contract.stream,
    hash: contract.hash,
    positive: [...decision.positive],
    entity: decision.entity,
    amount: decision.amount,
    labelType: feedback.label.type,
    positiveLabels: [...(feedback.label.positive ?? [])],
    sources: [...feedback.sources],
    maturityMillis: feedback.maturityMillis,
    silence:
      feedback.silence === null
        ? null
        : {
            means: feedback.silence.means,
            afterMillis: feedback.silence.afterMillis,
            decisions: [...feedback.silence.decisions],
          },
    features: features.map(({ name, type, personal }) => ({ name, numeric: NUMERIC.has(type.kind), personal })),
  };
}
