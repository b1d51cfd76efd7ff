import { existsSync } from "node:fs";
import path from "node:path";
import { type Invocation, UsageError } from "./command.ts";

/** The workspace above a notebook's file, and the notebook's path in it. @throws UsageError */
export function notebookOf(
  invocation: Invocation,
  argument: string,
): { readonly folder: string; readonly notebook: string } {
  const file = path.resolve(argument);
  if (!existsSync(file)) throw new UsageError(`There is no notebook "${argument}".`);
  const folder = invocation.workspace(path.dirname(file));
  const notebook = path.relative(folder, file).split(path.sep).join("/");
  if (notebook.startsWith("../")) throw new UsageError(`"${argument}" is not in the workspace ${folder}.`);
  return { folder, notebook };
}
