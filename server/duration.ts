const UNIT_MILLIS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90d`, `12h`, `30m`, `45s` to milliseconds. @throws Error naming the text and what would be right. */
export function parseDuration(text: string): number {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
  if (match === null) throw new Error(`"${text}" is not a duration; write a number with s, m, h or d, like 90d.`);
  return Number(match[1]) * UNIT_MILLIS[match[2]!]!;
}
