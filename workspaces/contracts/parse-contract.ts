import { createHash } from "node:crypto";
import { nearest } from "../../cells/yaml/nearest.ts";
import { parseYaml, type YamlProblem } from "../../cells/yaml/read-yaml.ts";
import type { Contract, Feature, FeatureType } from "./contract.ts";
import { type ContractSpec, contractSchema, DECIMAL_TYPE } from "./contract-schema.ts";
import { durationMillis } from "./quantities.ts";

export type ContractRead =
  | { readonly ok: true; readonly contract: Contract }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

/** Reads a contract's YAML. Problems name the line, the key, what stands there and the nearest valid name. Never throws. */
export function parseContract(text: string): ContractRead {
  const read = parseYaml(text, contractSchema);
  if (!read.ok) return { ok: false, problems: read.problems };
  const problems = crossChecks(read.value, text);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, contract: toContract(read.value) };
}

/** All defaults of a contract, in this one place. */
export function toContract(spec: ContractSpec): Contract {
  const decision = spec.decision ?? {};
  const feedback = spec.feedback ?? {};
  const silence = feedback.silence;
  const body: Omit<Contract, "hash"> = {
    stream: spec.stream,
    strict: spec.strict ?? false,
    decision: {
      score: { min: decision.score?.min ?? null, max: decision.score?.max ?? null },
      values: decision.values?.map(String) ?? null,
      positive: decision.positive?.map(String) ?? [],
      entity: decision.entity ?? null,
      amount: decision.amount ?? null,
    },
    features: Object.entries(spec.features ?? {}).map(
      ([name, feature]): Feature => ({
        name,
        type: toFeatureType(feature.type),
        min: feature.min ?? null,
        max: feature.max ?? null,
        values: feature.values?.map(String) ?? null,
        unit: feature.unit ?? null,
        personal: feature.personal ?? false,
      }),
    ),
    feedback: {
      label: {
        type: feedback.label?.type ?? "boolean",
        values: feedback.label?.values?.map(String) ?? null,
        positive: feedback.label?.positive?.map(String) ?? null,
      },
      sources: feedback.sources ?? [],
      maturityMillis: feedback.maturity === undefined ? null : durationMillis(feedback.maturity),
      silence:
        silence === undefined
          ? null
          : {
              means: String(silence.means),
              afterMillis: durationMillis(silence.after) ?? 0,
              decisions: silence.for.map(String),
            },
    },
    latenessMillis: durationMillis(spec.lateness ?? "1 hour") ?? 0,
    quietAllowed: spec.quiet === "allowed",
    keepMillis: spec.keep === undefined || spec.keep === "forever" ? null : durationMillis(spec.keep),
  };
  return { ...body, hash: createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 16) };
}

function toFeatureType(text: string): FeatureType {
  const decimal = DECIMAL_TYPE.exec(text);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  return { kind: text as Exclude<FeatureType["kind"], "decimal"> };
}

/** What one key says about another: names must exist, bounds must be in order. */
function crossChecks(spec: ContractSpec, text: string): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const tell = (key: string, message: string): void => {
    const line = text.split("\n").findIndex((one) => one.includes(`${key.split(".").at(-1)}:`));
    problems.push({ message: `${key}: ${message}`, line: Math.max(1, line + 1), column: 1 });
  };
  const names = Object.keys(spec.features ?? {});
  const known = (key: string, name: string | undefined): void => {
    if (name === undefined || names.includes(name)) return;
    const guess = nearest(name, names);
    tell(
      key,
      `${JSON.stringify(name)} is no feature of this contract${guess === null ? "" : `; did you mean ${guess}?`}`,
    );
  };
  known("decision.entity", spec.decision?.entity);
  known("decision.amount", spec.decision?.amount);
  const amountType = spec.features?.[spec.decision?.amount ?? ""]?.type;
  if (amountType !== undefined && !/^(number|integer|decimal)/.test(amountType))
    tell(
      "decision.amount",
      `the feature ${spec.decision?.amount} is ${amountType}; an amount is a number, integer or decimal`,
    );
  for (const [role, name] of [
    ["entity_id", "entity"],
    ["amount", "amount"],
  ] as const) {
    const named = spec.decision?.[name];
    if (names.includes(role) && named !== undefined && named !== role)
      tell(
        `features.${role}`,
        `this name is reserved for a copy of ${named}; rename the feature or name it in decision.${name}`,
      );
  }
  const values = spec.decision?.values?.map(String);
  const within = (key: string, given: readonly unknown[] | undefined, allowed: readonly string[] | undefined): void => {
    for (const one of given ?? [])
      if (allowed !== undefined && !allowed.includes(String(one)))
        tell(key, `${JSON.stringify(one)} is not among the values ${allowed.join(", ")}`);
  };
  within("decision.positive", spec.decision?.positive, values);
  within("feedback.silence.for", spec.feedback?.silence?.for, values);
  within("feedback.label.positive", spec.feedback?.label?.positive, spec.feedback?.label?.values?.map(String));
  const means = spec.feedback?.silence?.means;
  if (means !== undefined) {
    const type = spec.feedback?.label?.type ?? "boolean";
    const actual = typeof means === "string" ? "text" : typeof means;
    if (actual !== type)
      tell("feedback.silence.means", `expected a label of type ${type}, got ${JSON.stringify(means)}`);
  }
  for (const [name, { min, max }] of [
    ["decision.score", spec.decision?.score ?? {}] as const,
    ...Object.entries(spec.features ?? {}),
  ])
    if (min !== undefined && max !== undefined && min > max) tell(`${name}.min`, `${min} is above max ${max}`);
  return problems;
}
