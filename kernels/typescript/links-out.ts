import { readdirSync, realpathSync } from "node:fs";
import path from "node:path";

const MOST_ENTRIES = 100_000;

/**
 * Symbolic links below a granted folder that lead out of it, as paths to deny: Deno checks the path that is named, not
 * where it leads. Looked at when a kernel starts; a link made later is not known.
 * @throws Error when the folder holds more than 100 000 entries: it could not be vouched for.
 */
export function linksOut(folder: string): string[] {
  const inside = realpathSync(folder);
  const found: string[] = [];
  const waiting = [folder];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      if (++seen > MOST_ENTRIES)
        throw new Error(
          `The granted folder ${JSON.stringify(folder)} holds more than ${MOST_ENTRIES} entries; grant a smaller one.`,
        );
      const file = path.join(next, entry.name);
      if (entry.isDirectory()) waiting.push(file);
      else if (entry.isSymbolicLink() && !leadsInside(file, inside)) found.push(file);
    }
  }
  return found;
}

function leadsInside(link: string, folder: string): boolean {
  let target: string;
  try {
    target = realpathSync(link);
  } catch {
    return false; // It leads nowhere now; what it may lead to later is denied.
  }
  return target === folder || target.startsWith(`${folder}${path.sep}`);
}
