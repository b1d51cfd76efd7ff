import { isDate } from "../../time/instant.ts";
import { parseWindow } from "../../time/window.ts";
import type { InputSpec, InputValue } from "./input-spec.ts";

export type Acceptance =
  | { readonly ok: true; readonly value: InputValue }
  | { readonly ok: false; readonly problem: string };

/** Checks a value that someone moved an input to. `problem` says what would be right, without the input's name. */
export function acceptInputValue(spec: InputSpec, value: unknown): Acceptance {
  switch (spec.type) {
    case "number":
    case "slider": {
      if (typeof value !== "number" || !Number.isFinite(value))
        return refuse(`a number${bounds(spec.min, spec.max)}`, value);
      return within(value, spec.min, spec.max) ? accept(value) : refuse(`a number${bounds(spec.min, spec.max)}`, value);
    }
    case "select": {
      const known = spec.options.some((option) => option.value === value);
      if (known) return accept(value as InputValue);
      const labels = spec.options.slice(0, 20).map((option) => String(option.value));
      return refuse(`one of ${labels.join(", ")}${spec.options.length > 20 ? ", …" : ""}`, value);
    }
    case "text":
      return typeof value === "string" ? accept(value) : refuse("text", value);
    case "date": {
      if (value === null) return accept(null);
      const expected = `a date such as 2026-03-01${bounds(spec.min, spec.max)}`;
      if (typeof value !== "string" || !isDate(value)) return refuse(expected, value);
      return within(value, spec.min, spec.max) ? accept(value) : refuse(expected, value);
    }
    case "window": {
      if (value === null) return accept(null);
      if (typeof value !== "string") return refuse("a window such as last 7 days", value);
      const read = parseWindow(value);
      return read.ok ? accept(value) : { ok: false, problem: read.problem };
    }
    case "toggle":
      return typeof value === "boolean" ? accept(value) : refuse("true or false", value);
  }
}

/** The same for a value as a file or a command line gives it, where text may stand for a number or a truth value. */
export function acceptGivenValue(spec: InputSpec, given: unknown): Acceptance {
  const exact = acceptInputValue(spec, given);
  return exact.ok || typeof given !== "string" ? exact : acceptInputText(spec, given);
}

/** The same for text, as `--set threshold=0.9` gives it. */
export function acceptInputText(spec: InputSpec, text: string): Acceptance {
  switch (spec.type) {
    case "number":
    case "slider": {
      const number = text.trim() === "" ? Number.NaN : Number(text);
      return acceptInputValue(spec, Number.isNaN(number) ? text : number);
    }
    case "toggle":
      return acceptInputValue(spec, text === "true" ? true : text === "false" ? false : text);
    case "select":
      return acceptInputValue(spec, spec.options.find((option) => String(option.value) === text)?.value ?? text);
    case "text":
    case "date":
    case "window":
      return acceptInputValue(spec, text);
  }
}

function accept(value: InputValue): Acceptance {
  return { ok: true, value };
}

function refuse(expected: string, value: unknown): Acceptance {
  const text = JSON.stringify(value) ?? String(value);
  return { ok: false, problem: `expected ${expected}, got ${text.length > 80 ? `${text.slice(0, 79)}…` : text}` };
}

function within<T extends number | string>(value: T, min: T | null, max: T | null): boolean {
  return (min === null || value >= min) && (max === null || value <= max);
}

function bounds(min: number | string | null, max: number | string | null): string {
  if (min !== null && max !== null) return ` from ${min} to ${max}`;
  if (min !== null) return ` of at least ${min}`;
  return max === null ? "" : ` of at most ${max}`;
}
