/** "job checks · version 3 · comment on it": what an entry of the audit log says beside its target, in one line. */
export function auditDetails(details: unknown): string {
  if (details === null || details === undefined) return "";
  if (typeof details !== "object" || Array.isArray(details)) return plain(details);
  return Object.entries(details)
    .filter(([name, value]) => name !== "changes" && value !== null && value !== "")
    .map(([name, value]) => `${wordsOf(name)} ${plain(value)}`)
    .join(" · ");
}

/** "expiresAt" is "expires at". */
const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function plain(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
