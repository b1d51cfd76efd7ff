import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { newSecret } from "./secrets.ts";

const FORM = /^[A-Za-z0-9_-]{24,200}$/;

/**
 * The token of the printed link, kept in the workspace's own folder so that links and browser sessions outlive a
 * restart. `renew` makes another, which signs every browser out.
 */
export function startUpToken(folder: string, renew: boolean): string {
  const file = path.join(folder, ".driftbook", "token");
  if (!renew) {
    const kept = read(file);
    if (kept !== null) return kept;
  }
  const token = newSecret();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}

/** Null when there is none, or when what stands there is no token (then a new one takes its place). */
function read(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return FORM.test(text) ? text : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
