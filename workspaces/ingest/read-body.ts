import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { parse as parseCsv } from "csv-parse/sync";
import type { EventChecker } from "./check-event.ts";
import { arrayItems, parseEvent } from "./exact-json.ts";
import { IngestRefused } from "./ingest-errors.ts";
import type { RefusedEvent } from "./segments.ts";

export interface BodyRequest {
  readonly log: "decisions" | "feedback";
  /** With parameters, as the header has it. */
  readonly contentType: string;
  readonly contentEncoding: string | null;
  readonly idempotencyKey: string | null;
  readonly body: Buffer;
  /** Of the body as sent and of what it unpacks to. */
  readonly maxBytes: number;
}

export interface BodyRead {
  /** Lines of accepted rows, each ending in a line feed. */
  readonly rows: Buffer;
  readonly count: number;
  /** By row: a 53-bit hash of the event's id (0 when it has none yet), and where its line ends in `rows`. */
  readonly idHashes: Float64Array;
  readonly ends: Uint32Array;
  readonly refused: readonly (RefusedEvent & { readonly index: number })[];
}

const MOST_EVENT_CHARACTERS = 1024 * 1024;

/**
 * Reads a request's body into accepted rows and refused events: every event of the body is one or the other.
 * @throws IngestRefused when nothing in it is readable.
 */
export function readBody(request: BodyRequest, checker: EventChecker): BodyRead {
  const body = unpacked(request);
  const type = request.contentType.split(";")[0]!.trim().toLowerCase();
  const reader = new BodyReader(request, checker);
  switch (type) {
    case "application/x-ndjson":
    case "application/ndjson":
    case "application/jsonl":
      reader.lines(body);
      break;
    case "application/json":
      for (const text of jsonEvents(textOf(body))) reader.event(text);
      break;
    case "application/cloudevents+json":
      reader.cloudEvent(textOf(body).trim());
      break;
    case "application/cloudevents-batch+json":
      for (const text of wholeArray(textOf(body))) reader.cloudEvent(text);
      break;
    case "text/csv":
      reader.csv(textOf(body));
      break;
    default:
      throw new IngestRefused(
        "unsupported",
        `Content-Type ${JSON.stringify(type)} is not read here; send application/json, application/x-ndjson, application/cloudevents+json, application/cloudevents-batch+json or text/csv`,
      );
  }
  return reader.done();
}

function unpacked({ body, contentEncoding, maxBytes }: BodyRequest): Buffer {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "identity";
  const tooLarge = (): IngestRefused =>
    new IngestRefused("too-large", `the body is larger than ${maxBytes} bytes; send it in smaller batches`);
  if (body.byteLength > maxBytes) throw tooLarge();
  if (encoding === "identity" || encoding === "") return body;
  if (encoding !== "gzip" && encoding !== "x-gzip")
    throw new IngestRefused(
      "unsupported",
      `Content-Encoding ${JSON.stringify(encoding)} is not read here; send gzip or none`,
    );
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new IngestRefused("unreadable", "the body is not gzip, though Content-Encoding says so", { cause: error });
  }
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new IngestRefused("unreadable", "the body is not UTF-8 text");
  return body.toString("utf8").replace(/^\uFEFF/, "");
}

function jsonEvents(text: string): string[] {
  const begin = text.trimStart();
  if (begin === "") throw new IngestRefused("unreadable", "the body is empty; expected an event or an array of events");
  if (begin[0] === "[") return wholeArray(text);
  if (begin[0] !== "{")
    throw new IngestRefused(
      "unreadable",
      `expected an event or an array of events, got ${JSON.stringify(begin.slice(0, 40))}`,
    );
  try {
    JSON.parse(text);
  } catch (error) {
    throw new IngestRefused("unreadable", `the body is not JSON: ${messageOf(error)}`);
  }
  return [text.trim()];
}

function wholeArray(text: string): string[] {
  try {
    return arrayItems(text);
  } catch (error) {
    throw new IngestRefused("unreadable", `the body is not a JSON array: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class BodyReader {
  readonly #request: BodyRequest;
  readonly #checker: EventChecker;
  #text = "";
  #pieces: Buffer[] = [];
  #bytes = 0;
  #hashes: number[] = [];
  #ends: number[] = [];
  #refused: (RefusedEvent & { readonly index: number })[] = [];
  #index = 0;

  constructor(request: BodyRequest, checker: EventChecker) {
    this.#request = request;
    this.#checker = checker;
  }

  lines(body: Buffer): void {
    const isText = isUtf8(body);
    for (let from = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0; from < body.length; ) {
      const found = body.indexOf(10, from);
      const end = found === -1 ? body.length : found;
      const line = body.subarray(from, end);
      from = end + 1;
      if (isText || isUtf8(line)) {
        const text = line.toString("utf8").trim();
        if (text !== "") this.event(text);
      } else this.#refuse("the line is not UTF-8 text", line.toString("base64"), true);
    }
    if (this.#index === 0) throw new IngestRefused("unreadable", "the body is empty; expected one event a line");
  }

  event(text: string): void {
    this.#parsed(text, (value) => this.#accept(value, text, null, false));
  }

  cloudEvent(text: string): void {
    this.#parsed(text, (value) => {
      const cloud = value as Record<string, unknown> | null;
      if (
        typeof cloud !== "object" ||
        cloud === null ||
        typeof cloud.source !== "string" ||
        typeof cloud.id !== "string"
      )
        return this.#refuse("expected a CloudEvent with source, id and data", text);
      const data = cloud.data_base64 === undefined ? cloud.data : fromBase64(cloud.data_base64);
      if (typeof data !== "object" || data === null || Array.isArray(data))
        return this.#refuse("data: expected an object with the event's fields", text);
      const time = this.#request.log === "decisions" ? "decided_at" : "observed_at";
      const event = cloud.time === undefined || Object.hasOwn(data, time) ? data : { ...data, [time]: cloud.time };
      this.#accept(event, text, `${cloud.source}#${cloud.id}`, false);
    });
  }

  csv(text: string): void {
    let rows: { record: Record<string, string>; raw: string }[];
    try {
      rows = parseCsv(text, {
        columns: true,
        raw: true,
        skip_empty_lines: true,
        relax_column_count_less: true,
      }) as unknown as typeof rows;
    } catch (error) {
      throw new IngestRefused("unreadable", `the CSV cannot be read: ${messageOf(error)}`);
    }
    if (rows.length === 0)
      throw new IngestRefused("unreadable", "the CSV has no rows; expected a header line and then one event a line");
    for (const { record, raw } of rows) this.#accept(record, raw.trimEnd(), null, true);
  }

  done(): BodyRead {
    this.#flush();
    return {
      rows: Buffer.concat(this.#pieces, this.#bytes),
      count: this.#ends.length,
      idHashes: Float64Array.from(this.#hashes),
      ends: Uint32Array.from(this.#ends),
      refused: this.#refused,
    };
  }

  #parsed(text: string, use: (value: unknown) => void): void {
    if (text.length > MOST_EVENT_CHARACTERS)
      return this.#refuse(
        `the event has ${text.length} characters; at most ${MOST_EVENT_CHARACTERS} are accepted`,
        text,
      );
    let value: unknown;
    try {
      value = parseEvent(text);
    } catch (error) {
      return this.#refuse(messageOf(error), text);
    }
    use(value);
  }

  #accept(event: unknown, raw: string, id: string | null, textual: boolean): void {
    const key = this.#request.idempotencyKey;
    // Feedback without any id is identified by its content, so only decisions take their place in the batch.
    const standIn = id ?? (key === null || this.#request.log === "feedback" ? null : `${key}#${this.#index}`);
    const checked = this.#checker.check(event, { textual }, standIn);
    if (typeof checked === "string") return this.#refuse(checked, raw);
    this.#index += 1;
    this.#text += checked.row;
    this.#text += "\n";
    // Ends are needed in bytes: measured per row, without encoding the row twice.
    this.#bytes += Buffer.byteLength(checked.row) + 1;
    this.#ends.push(this.#bytes);
    this.#hashes.push(checked.id === null ? 0 : hash53(checked.id));
    if (this.#text.length > 1 << 20) this.#flush();
  }

  #refuse(reason: string, raw: string, isBase64 = false): void {
    this.#refused.push({ index: this.#index, reason, source: "http", raw, raw_is_base64: isBase64 });
    this.#index += 1;
  }

  #flush(): void {
    if (this.#text === "") return;
    this.#pieces.push(Buffer.from(this.#text, "utf8"));
    this.#text = "";
  }
}

function fromBase64(value: unknown): unknown {
  if (typeof value !== "string") return null;
  try {
    return JSON.parse(Buffer.from(value, "base64").toString("utf8"));
  } catch {
    return null; // no JSON inside: the caller says what it expected
  }
}

/** cyrb53 (public domain, bryc): a fast 53-bit hash. It only finds candidates; bytes are compared before anything is told. */
export function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0) || 1;
}
