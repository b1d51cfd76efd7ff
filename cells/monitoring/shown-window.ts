import type { ResolvedWindow } from "../session/operation.ts";

export const asPair = (window: ResolvedWindow | null): [string, string] | null =>
  window === null ? null : [window.start, window.end];
