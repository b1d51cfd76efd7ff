import type { Contract, Feature } from "../contracts/contract.ts";
import { RESERVED_NAMES } from "../contracts/contract.ts";
import {
  checkBoolean,
  checkNumber,
  checkText,
  checkTime,
  Expected,
  type ValueCheck,
  valueCheck,
} from "./check-value.ts";

/** An event in the form that segments hold: one line of JSON, one key per column that has a value. */
export interface AcceptedEvent {
  readonly row: string;
  /** `decision_id` or `feedback_id`; null for feedback whose id is to be made from its content. */
  readonly id: string | null;
  /** Rules of a contract that is not strict which this event breaks, such as `score.max`. */
  readonly violations: readonly string[];
}

interface Field {
  readonly name: string;
  readonly key: string;
  readonly check: ValueCheck;
  readonly required: boolean;
  readonly min: number | null;
  readonly max: number | null;
  readonly values: ReadonlySet<string> | null;
  /** A violated rule refuses the event even when the contract is not strict: decisions must be known ones. */
  readonly feature: boolean;
}

export interface CheckOptions {
  /** Values are text, as in CSV. */
  readonly textual: boolean;
}

type Event = Readonly<Record<string, unknown>>;

/** Checks events of one log against a contract. Reasons name the column, what was expected and what stood there. */
export class EventChecker {
  readonly #fields: readonly Field[];
  readonly #known: ReadonlySet<string>;
  readonly #strict: boolean;
  readonly #log: "decisions" | "feedback";
  readonly #contract: Contract;

  constructor(contract: Contract, log: "decisions" | "feedback") {
    this.#contract = contract;
    this.#log = log;
    this.#strict = contract.strict;
    this.#fields = log === "decisions" ? decisionFields(contract) : feedbackFields(contract);
    this.#known = new Set(this.#fields.map((field) => field.name));
  }

  /** The event as accepted, or the reason why not. `id` stands in for a missing identity. */
  check(event: unknown, options: CheckOptions, id: string | null = null): AcceptedEvent | string {
    if (typeof event !== "object" || event === null || Array.isArray(event))
      return `expected an object with the event's fields, got ${quote(event)}`;
    const given = event as Event;
    const nested = this.#log === "decisions" ? given.features : undefined;
    if (nested !== undefined && nested !== null && (typeof nested !== "object" || Array.isArray(nested)))
      return `features: expected an object with the features, got ${quote(nested)}`;
    const features = (nested ?? null) as Event | null;
    const violations: string[] = [];
    let row = "{";
    let identity: string | null = null;
    for (const field of this.#fields) {
      const value = this.#valueOf(field, given, features, id);
      if (value === undefined || value === null || (options.textual && value === "")) {
        if (field.required) return `${field.name}: missing`;
        continue;
      }
      const text = field.check(value, options.textual);
      if (text instanceof Expected) return refusal(field, text.text, value);
      const broken = brokenRule(field, text);
      if (broken !== null) {
        if (this.#strict) return refusal(field, expectation(field, broken), value);
        violations.push(`${field.name}.${broken}`);
      }
      row += `${row.length === 1 ? "" : ","}${field.key}:${text}`;
      if (field.name === "decision_id" && this.#log === "decisions") identity = String(value);
      if (field.name === "feedback_id") identity = String(value);
    }
    if (this.#log === "feedback" && isAbsent(given.label) && isAbsent(given.value) && !("label" in given))
      return "label: missing; feedback carries a label (null withdraws one) or a value";
    const extra = this.#extra(given, features);
    if (typeof extra === "object") return extra.reason;
    if (extra !== "") row += `,"extra":${JSON.stringify(`{${extra}}`)}`;
    return { row: `${row}}`, id: identity, violations };
  }

  #valueOf(field: Field, given: Event, features: Event | null, id: string | null): unknown {
    const { name } = field;
    if (!field.feature) {
      const value = own(given, name);
      const standIn = this.#log === "decisions" ? "decision_id" : "feedback_id";
      return value === undefined && name === standIn && id !== null ? id : value;
    }
    const value = features === null ? undefined : own(features, name);
    if (value !== undefined) return value;
    const flat = own(given, name);
    if (flat !== undefined) return flat;
    // `entity_id` and `amount` are copies of the features that the contract names: either name may carry the value.
    if (name === this.#contract.decision.entity) return own(given, "entity_id");
    return name === this.#contract.decision.amount ? own(given, "amount") : undefined;
  }

  /** JSON members of what the contract does not name, or the reason why a name is refused. */
  #extra(given: Event, features: Event | null): string | { reason: string } {
    let members = "";
    for (const source of features === null ? [given] : [given, features]) {
      for (const name in source) {
        if (this.#known.has(name) || (source === given && name === "features" && this.#log === "decisions")) continue;
        if (
          source === given &&
          this.#log === "decisions" &&
          (name === "entity_id" || name === "amount") &&
          this.#copied(name)
        )
          continue;
        if (name.startsWith("__") || (RESERVED_NAMES.has(name) && !(name === "extra" && source === given)))
          return { reason: `${name}: this name is reserved; rename the field` };
        const text = JSON.stringify(source[name]);
        if (text === undefined || text === "null") continue;
        if (/\\ud[89a-f]|\\u0000/.test(text))
          return { reason: `${name}: expected text without lone surrogates or NUL characters` };
        members += `${members === "" ? "" : ","}${JSON.stringify(name)}:${text}`;
      }
    }
    return members;
  }

  #copied(name: "entity_id" | "amount"): boolean {
    const { entity, amount } = this.#contract.decision;
    return name === "entity_id" ? entity !== null : amount !== null;
  }
}

const own = (event: Event, name: string): unknown => (Object.hasOwn(event, name) ? event[name] : undefined);
const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === "";

function brokenRule(field: Field, text: string): "min" | "max" | "values" | null {
  if (field.min !== null || field.max !== null) {
    const value = Number(text.startsWith('"') ? text.slice(1, -1) : text);
    if (field.min !== null && value < field.min) return "min";
    if (field.max !== null && value > field.max) return "max";
  }
  if (field.values !== null) {
    const value = text.startsWith('"') ? (JSON.parse(text) as string) : text;
    if (!field.values.has(value)) return "values";
  }
  return null;
}

function expectation(field: Field, broken: "min" | "max" | "values"): string {
  if (broken === "values") return `one of ${[...(field.values ?? [])].join(", ")}`;
  return range("a number", field);
}

function range(what: string, { min, max }: Pick<Field, "min" | "max">): string {
  if (min !== null && max !== null) return `${what} from ${min} to ${max}`;
  if (min !== null) return `${what} of at least ${min}`;
  return max !== null ? `${what} of at most ${max}` : what;
}

function refusal(field: Field, expected: string, value: unknown): string {
  const wanted = expected === "a number" ? range("a number", field) : expected;
  return `${field.name}: expected ${wanted}, got ${quote(value)}`;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

const NO_RULE = { min: null, max: null, values: null } as const;
const field = (name: string, check: ValueCheck, required = false): Field => ({
  name,
  key: JSON.stringify(name),
  check,
  required,
  feature: false,
  ...NO_RULE,
});

function nonEmptyText(value: unknown, textual: boolean): string | Expected {
  if (typeof value === "number" && Number.isSafeInteger(value)) return JSON.stringify(String(value));
  const text = checkText(value, textual);
  if (text === '""') return new Expected("text that is not empty");
  return typeof text === "string" && text.length > 1026 ? new Expected("text of at most 1024 characters") : text;
}

function decisionFields({ decision, features }: Contract): Field[] {
  const values = decision.values === null ? null : new Set(decision.values);
  return [
    field("decision_id", nonEmptyText, true),
    field("decided_at", checkTime, true),
    field("model", checkText),
    field("model_version", versionText),
    field("ruleset_version", versionText),
    { ...field("score", checkNumber), min: decision.score.min, max: decision.score.max },
    field("threshold", checkNumber),
    { ...field("decision", checkText, true), values },
    ...features.map(featureField),
  ];
}

/** Versions are text; numbers are common and mean the same. */
function versionText(value: unknown, textual: boolean): string | Expected {
  return typeof value === "number" && Number.isFinite(value)
    ? JSON.stringify(String(value))
    : checkText(value, textual);
}

function featureField(feature: Feature): Field {
  return {
    name: feature.name,
    key: JSON.stringify(feature.name),
    check: valueCheck(feature.type),
    required: false,
    feature: true,
    min: feature.min,
    max: feature.max,
    values: feature.values === null ? null : new Set(feature.values),
  };
}

function feedbackFields({ feedback }: Contract): Field[] {
  const { label } = feedback;
  const labelCheck = label.type === "boolean" ? checkBoolean : label.type === "number" ? checkNumber : checkText;
  return [
    field("feedback_id", nonEmptyText),
    field("decision_id", nonEmptyText, true),
    field("observed_at", checkTime),
    { ...field("label", labelCheck), values: label.values === null ? null : new Set(label.values) },
    field("value", checkNumber),
    field("source", nonEmptyText, true),
    field("reviewer", checkText),
    { ...field("inclusion_probability", checkNumber), min: 0, max: 1 },
    field("supersedes", checkText),
  ];
}
