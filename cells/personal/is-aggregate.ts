import { closing, tokensOf } from "./sql-words.ts";

const AGGREGATES =
  /^(count|count_if|sum|avg|mean|min|max|median|mode|quantile\w*|percentile\w*|approx_\w+|stddev\w*|var\w*|corr|covar\w*|regr_\w+|bool_and|bool_or|histogram|entropy|kurtosis|skewness|fsum|product|favg|any_value|first|last|arg_min|arg_max|list|string_agg|array_agg)$/;
/** Of these the values of single rows come out. */
const ROW_VALUES = new Set([
  "list",
  "string_agg",
  "array_agg",
  "histogram",
  "any_value",
  "first",
  "last",
  "arg_min",
  "arg_max",
  "mode",
]);

/**
 * Whether each row of the result stands for several rows: grouped, or aggregated without OVER, on the outermost level,
 * and nothing that hands on single values. A statement that cannot be told apart is none.
 */
export function isAggregate(statement: string): boolean {
  const tokens = tokensOf(statement);
  const outer = outermost(tokens);
  if (tokens.some((token, at) => ROW_VALUES.has(token) && tokens[at + 1] === "(")) return false;
  const select = outer.findIndex(({ token }) => token === "select");
  if (select < 0) return false;
  if (outer.some(({ token }, at) => token === "group" && outer[at + 1]?.token === "by")) return true;
  return outer.some(({ token, at }) => {
    if (!AGGREGATES.test(token) || tokens[at + 1] !== "(") return false;
    const end = closing(tokens, at + 1);
    return (
      tokens[end + 1] !== "over" && !(tokens[end + 1] === "filter" && tokens[closing(tokens, end + 2) + 1] === "over")
    );
  });
}

function outermost(tokens: readonly string[]): { readonly token: string; readonly at: number }[] {
  let depth = 0;
  return tokens.flatMap((token, at) => {
    if (token === ")") depth--;
    const here = depth === 0 ? [{ token, at }] : [];
    if (token === "(") depth++;
    return here;
  });
}
