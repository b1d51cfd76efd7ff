import type { FrozenVersion } from "../../cells/jobs/version.ts";

/** A sentence where a stream that the version reads is there no more; else null. */
export function goneStream({ contracts }: FrozenVersion, streams: ReadonlySet<string>): string | null {
  const gone = contracts.find(({ stream }) => !streams.has(stream));
  return gone === undefined
    ? null
    : `The stream "${gone.stream}" is gone: bring streams/${gone.stream}.yaml back, or promote the notebook without it.`;
}
