import { z } from "zod";

/** Name of a variable that driftbook.yaml may speak of. */
export const environmentName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, "expected a name like RATES_KEY")
  .refine((name) => !/^(NODE_|LD_|DYLD_|DENO_|DRIFTBOOK_)/.test(name), "expected a name that steers no runtime");

const PREFIX = "env:";

/** `env:SLACK_URL`: the variable that holds a value, which itself never stands in a file. */
export const environmentReference = z.string().superRefine((text, context) => {
  const name = variableOf(text);
  const read = name === null ? null : environmentName.safeParse(name);
  if (read === null)
    context.addIssue({ code: "custom", message: "expected the name of a variable such as env:SECRET" });
  else if (!read.success)
    for (const { message } of read.error.issues) context.addIssue({ code: "custom", message: `after env: ${message}` });
});

/** The variable's name; null where the text is meant as it stands. */
export function variableOf(text: string): string | null {
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : null;
}
