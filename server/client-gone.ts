/** Why work for a request is given up: nobody waits for its answer. No defect, and nobody's to mend. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
  constructor() {
    super("The client went away before it was answered.");
  }
}

/** What a stream says whose other end is gone. */
const CUT_OFF = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

/** Whether an error, or what caused it, is that the client left. True says so only of a request whose connection is closed. */
export function isOfLeaving(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof ClientGone || CUT_OFF.has((error as NodeJS.ErrnoException).code ?? "") || isOfLeaving(error.cause)
  );
}
