import type { Silence } from "../../cells/alerts/silence.ts";
import { parseInstant } from "../../cells/time/instant.ts";
import { parseDuration } from "../duration.ts";
import { HttpError } from "../http-error.ts";

/** As people write it: two times and a length, of which a beginning may be left out and one end may not. */
interface TimeWish {
  readonly from?: string | undefined;
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

const LONGEST_MILLIS = 400 * 86_400_000;
/** What people choose by the minute is the present while that minute lasts. */
const NOW_MILLIS = 60_000;

/** When a silence is in force. @throws HttpError 400 with what would be right */
export function silenceTime(
  wish: TimeWish,
  nowMillis: number,
  zone: string,
): Pick<Silence, "fromMillis" | "untilMillis"> {
  const asked = wish.from === undefined ? nowMillis : momentOf("from", wish.from, zone);
  if (asked <= nowMillis - NOW_MILLIS)
    throw new HttpError(400, `body.from: "${wish.from}" has passed; a silence begins now or later.`);
  const fromMillis = Math.max(asked, nowMillis);
  const untilMillis = endOf(wish, fromMillis, zone);
  if (untilMillis <= fromMillis)
    throw new HttpError(400, `body.until: "${wish.until}" is not after its beginning, ${isoOf(fromMillis)}.`);
  if (untilMillis - fromMillis <= LONGEST_MILLIS) return { fromMillis, untilMillis };
  const field = wish.for === undefined ? "until" : "for";
  throw new HttpError(400, `body.${field}: "${wish[field]}" is too long; a silence lasts 400d at most.`);
}

function endOf(wish: TimeWish, fromMillis: number, zone: string): number {
  if ((wish.for === undefined) === (wish.until === undefined))
    throw new HttpError(400, "body.until: a silence has one end; give for, such as 2h, or until, a time.");
  if (wish.until !== undefined) return momentOf("until", wish.until, zone);
  try {
    return fromMillis + parseDuration(wish.for!);
  } catch (error) {
    throw new HttpError(400, `body.for: ${(error as Error).message}`, { cause: error });
  }
}

function momentOf(field: "from" | "until", text: string, zone: string): number {
  const read = parseInstant(text, zone);
  if (!read.ok) throw new HttpError(400, `body.${field}: ${read.problem}.`);
  return Date.parse(read.instant);
}

const isoOf = (millis: number): string => new Date(millis).toISOString();
