/**
 * How this program and its children talk over a byte stream: frames of a JSON header and a binary body.
 *
 *   bytes 0–3   length of the header in bytes, big-endian
 *   bytes 4–7   length of the body in bytes, big-endian
 *   then        the header as UTF-8 JSON, then the body
 */
const PREFIX_BYTES = 8;
const MEGABYTE = 1024 * 1024;
/** Above this no frame is accepted: a header this long or a body this large is a defect or an attack, not a message. */
export const MAX_HEADER_BYTES: number = 64 * MEGABYTE;
export const MAX_BODY_BYTES: number = 1024 * MEGABYTE;

export type FrameHeader = { readonly [key: string]: unknown };

/**
 * The parts of one frame in the order in which they are to be written; `body` is not copied.
 * @throws Error when header or body is longer than a decoder accepts.
 */
export function encodeFrame(header: object, body?: Uint8Array): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const bodyBytes = body?.byteLength ?? 0;
  refuseLength("header", text.byteLength, MAX_HEADER_BYTES);
  refuseLength("body", bodyBytes, MAX_BODY_BYTES);
  const start = Buffer.allocUnsafe(PREFIX_BYTES + text.byteLength);
  start.writeUInt32BE(text.byteLength, 0);
  start.writeUInt32BE(bodyBytes, 4);
  text.copy(start, PREFIX_BYTES);
  return body === undefined || bodyBytes === 0 ? [start] : [start, body];
}

/**
 * Collects bytes in pieces of any size and calls `onFrame` for each whole frame. A body is copied once, into its own
 * memory, so that it may be kept or transferred.
 *
 * After a malformed frame the stream has no meaning any more: `push` throws and must not be called again.
 */
export class FrameDecoder {
  private readonly onFrame: (header: FrameHeader, body: Uint8Array) => void;
  private readonly maxBodyBytes: number;
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private prefixFilled = 0;
  /** The frame being collected, header and body in one piece; null between frames. */
  private frame: { readonly header: Buffer; readonly body: Uint8Array; filled: number } | null = null;

  constructor(onFrame: (header: FrameHeader, body: Uint8Array) => void, maxBodyBytes: number = MAX_BODY_BYTES) {
    this.onFrame = onFrame;
    this.maxBodyBytes = maxBodyBytes;
  }

  /** Bytes received of a frame that is not whole yet; 0 exactly between frames. */
  get pendingBytes(): number {
    return this.frame === null ? this.prefixFilled : PREFIX_BYTES + this.frame.filled;
  }

  /** @throws Error when the bytes are not frames, or a frame is larger than allowed. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.frame === null) {
        const taken = Math.min(PREFIX_BYTES - this.prefixFilled, bytes.length - at);
        this.prefix.set(bytes.subarray(at, at + taken), this.prefixFilled);
        this.prefixFilled += taken;
        at += taken;
        if (this.prefixFilled < PREFIX_BYTES) return;
        this.open();
      } else {
        at += this.fill(this.frame, bytes, at);
      }
      this.deliverIfWhole();
    }
  }

  private open(): void {
    const headerBytes = this.prefix.readUInt32BE(0);
    const bodyBytes = this.prefix.readUInt32BE(4);
    refuseLength("header", headerBytes, MAX_HEADER_BYTES);
    refuseLength("body", bodyBytes, this.maxBodyBytes);
    this.frame = { header: Buffer.allocUnsafe(headerBytes), body: unzeroed(bodyBytes), filled: 0 };
    this.prefixFilled = 0;
  }

  private fill(frame: NonNullable<typeof this.frame>, bytes: Uint8Array, at: number): number {
    const inHeader = frame.filled < frame.header.length;
    const target = inHeader ? frame.header : frame.body;
    const offset = inHeader ? frame.filled : frame.filled - frame.header.length;
    const taken = Math.min(target.length - offset, bytes.length - at);
    target.set(bytes.subarray(at, at + taken), offset);
    frame.filled += taken;
    return taken;
  }

  private deliverIfWhole(): void {
    const frame = this.frame;
    if (frame === null || frame.filled < frame.header.length + frame.body.length) return;
    this.frame = null;
    this.onFrame(parseHeader(frame.header), frame.body);
  }
}

function parseHeader(bytes: Buffer): FrameHeader {
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Frame header ${JSON.stringify(text.slice(0, 80))} is not JSON`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`Frame header ${JSON.stringify(text.slice(0, 80))} is not a JSON object`);
  return value as FrameHeader;
}

function refuseLength(part: "header" | "body", bytes: number, most: number): void {
  if (bytes > most) throw new Error(`Frame ${part} of ${bytes} bytes is larger than the ${most} bytes allowed`);
}

/** Memory that is delivered only after every byte of it was written. A plain Uint8Array, which readers may compare and clone. */
function unzeroed(bytes: number): Uint8Array {
  const { buffer } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, 0, bytes);
}
