import { matchAt, quotedEnd, wordEnd } from "../../cells/analysis/sql/quoted-text.ts";
import type { SqlParameter } from "../../kernels/engine/sql-engine.ts";
import { HttpError } from "../http-error.ts";

const PARAMETER = /\$([A-Za-z_]\w*)/y;

/**
 * `$name` to `$1`, `$2`, …, with the values in that order. @throws HttpError 400 when a name has no value, or a value
 * has no name in the text, or is of no kind that SQL can hold.
 */
export function bindNamed(
  sql: string,
  values: Readonly<Record<string, unknown>>,
): { readonly sql: string; readonly parameters: readonly SqlParameter[] } {
  const order: string[] = [];
  const numberOf = (name: string): number => {
    if (!Object.hasOwn(values, name))
      throw new HttpError(400, `The statement reads $${name}, and no parameter "${name}" is given.`);
    if (!order.includes(name)) order.push(name);
    return order.indexOf(name) + 1;
  };
  let text = "";
  for (let at = 0; at < sql.length; ) {
    const quoted = quotedEnd(sql, at);
    const parameter = quoted === null ? matchAt(PARAMETER, sql, at) : null;
    const end = quoted?.end ?? (parameter === null ? wordEnd(sql, at) : at + parameter.length);
    text += parameter === null ? sql.slice(at, end) : `$${numberOf(parameter.slice(1))}`;
    at = end;
  }
  const unused = Object.keys(values).find((name) => !order.includes(name));
  if (unused !== undefined)
    throw new HttpError(400, `The parameter "${unused}" is given, and the statement does not read $${unused}.`);
  return { sql: text, parameters: order.map((name) => sqlParameter(name, values[name])) };
}

function sqlParameter(name: string, value: unknown): SqlParameter {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (Array.isArray(value)) return { type: "list", items: value.map((item) => sqlParameter(name, item)) };
  throw new HttpError(400, `The parameter "${name}" is an object; give a number, a text, true, false, null or a list.`);
}
