/** Why a request to ingest was refused as a whole. Nothing of it was kept. */
export class IngestRefused extends Error {
  /** Which answer it is: 404, 413, 415, 422, 429 or 503. */
  readonly kind: "unknown-stream" | "too-large" | "unsupported" | "unreadable" | "too-busy" | "disk-full";
  readonly retryAfterSeconds: number | null;
  constructor(
    kind: IngestRefused["kind"],
    message: string,
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "IngestRefused";
    this.kind = kind;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
