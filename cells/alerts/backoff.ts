const SECOND = 1000;
const HOUR = 3600 * SECOND;
const FIRST_MILLIS = 5 * SECOND;
export const LONGEST_RETRY_MILLIS = HOUR;
/** Then it counts as failed, visibly, and what waits behind it goes on. */
export const GIVE_UP_AFTER_MILLIS = 24 * HOUR;

/** How long after the `attempt`th failure (from 1) to try again: 5 s, 15 s, 45 s … at most an hour. */
export function retryDelayMillis(attempt: number): number {
  return Math.min(LONGEST_RETRY_MILLIS, FIRST_MILLIS * 3 ** (attempt - 1));
}
