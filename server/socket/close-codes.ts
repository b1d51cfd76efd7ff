/** Codes with which the server closes a notebook's socket; the client resyncs after all but `refused`, `gone`. */
export const CLOSE = {
  /** Did not say hello, or said what no client says. */
  misspoke: 4400,
  /** Signed out meanwhile. */
  refused: 4401,
  /** The notebook was deleted or moved. */
  gone: 4404,
  /** Sent nothing for too long. */
  silent: 4408,
  /** Read too slowly; what it missed is held for its next hello. */
  slow: 4429,
  /** The server stops. */
  leaving: 1001,
} as const;
