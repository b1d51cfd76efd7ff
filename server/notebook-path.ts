import { lstat, realpath } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "./http-error.ts";

const LONGEST_BYTES = 500;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Why `name` cannot be a notebook's path inside a workspace, or null. Pure; links on disk are `insideWorkspace`'s. */
export function notebookPathProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (Buffer.byteLength(name) > LONGEST_BYTES) return `is longer than ${LONGEST_BYTES} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused
  if (/[\u0000-\u001f\u007f]/.test(name)) return "holds a control character";
  if (!name.isWellFormed()) return "is not well-formed Unicode";
  if (/[\\:*?"<>|]/.test(name)) return 'holds one of \\ : * ? " < > |';
  if (name.startsWith("/")) return "is absolute";
  if (!name.endsWith(".nb.md") || name === ".nb.md" || name.endsWith("/.nb.md")) return "does not end in NAME.nb.md";
  for (const part of name.split("/")) {
    if (part === "") return "has an empty part";
    if (part.startsWith(".")) return `has a part that begins with a dot, "${part}"`;
    if (/[. ]$/.test(part) || part.startsWith(" "))
      return `has a part that begins or ends with a space or dot, "${part}"`;
    if (RESERVED.test(part)) return `has a part that some systems reserve, "${part}"`;
    if (part === "node_modules") return "lies in node_modules";
  }
  return null;
}

/**
 * The absolute file of notebook `name` in `folder`. @throws HttpError 400 for a name that no notebook can have, 403
 * where a symbolic link on the way leads out of the workspace or the file is a link itself.
 */
export async function notebookFile(folder: string, name: string): Promise<string> {
  const problem = notebookPathProblem(name);
  if (problem !== null)
    throw new HttpError(400, `The notebook path ${JSON.stringify(name.slice(0, 120))} ${problem}.`, {
      hint: "A path is relative to the workspace and ends in .nb.md, like reports/fraud.nb.md.",
    });
  const file = path.join(folder, ...name.split("/"));
  const root = await realpath(folder);
  for (let above = path.dirname(file); ; above = path.dirname(above)) {
    const real = await realpath(above).catch(absent);
    if (real === null) continue;
    if (real !== root && !real.startsWith(root + path.sep)) throw outside(name);
    break;
  }
  const self = await lstat(file).catch(absent);
  if (self?.isSymbolicLink()) throw outside(name);
  return file;
}

function outside(name: string): HttpError {
  return new HttpError(403, `"${name}" goes through a symbolic link; notebooks are files inside the workspace.`);
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}
