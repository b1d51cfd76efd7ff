import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { type Address, checkedAddresses, type Lookup } from "./checked-address.ts";

export interface SendResult {
  readonly ok: boolean;
  /** HTTP or SMTP status; null where it never came to one. */
  readonly status: number | null;
  /** What happened, for people. */
  readonly text: string;
}

export interface WebhookRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
}

/** Of an answer that is no success, so much is kept. */
const MOST_ANSWER_BYTES = 2000;

/**
 * Posts to an address that was checked: what the name leads to afterwards does not matter. Redirects are
 * answers like any other, and no success.
 * @throws AddressRefused, network errors, and the signal's reason
 */
export async function sendWebhook(wish: WebhookRequest, signal: AbortSignal, lookup?: Lookup): Promise<SendResult> {
  const { url, allowPrivate, body } = wish;
  const addresses = await raced(checkedAddresses(url.hostname, allowPrivate, lookup), signal);
  const isSecure = url.protocol === "https:";
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const request = (isSecure ? httpsRequest : httpRequest)({
    method: "POST",
    host: name,
    // Whatever name is asked for: these are the only addresses there are.
    lookup: pinned(addresses),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "Driftbook",
      ...wish.headers,
    },
    // A connection of its own: none that was kept from before the check.
    agent: false,
    signal,
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
  const answer = await answerTo(request, body);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    // It has it: what else it says is not waited for.
    answer.destroy();
    return { ok: true, status, text: `The receiver answered ${status}.` };
  }
  const start = await startOf(answer);
  const said = start === "" ? "" : `: ${start}`;
  const redirect = status >= 300 && status < 400 ? " Redirects are not followed: write the final address." : "";
  return { ok: false, status, text: `The receiver answered ${status}${said}.${redirect}` };
}

/** Answers as `dns.lookup` does, in both of its forms. */
function pinned(addresses: readonly [Address, ...Address[]]): LookupFunction {
  return (_name, { all }, done) => {
    const [{ address, family }] = addresses;
    if (all === true) done(null, [...addresses]);
    else done(null, address, family);
  };
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    // Not once: an aborted request may err again when its socket goes.
    request.on("error", reject);
    request.end(body);
  });
}

async function startOf(answer: IncomingMessage): Promise<string> {
  let bytes = Buffer.alloc(0);
  for await (const piece of answer) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    if (bytes.length >= MOST_ANSWER_BYTES) break; // Leaving the loop destroys the connection.
  }
  return bytes.subarray(0, MOST_ANSWER_BYTES).toString("utf8").replaceAll(/\s+/g, " ").trim().slice(0, 200);
}

/** Name servers take no signal. */
function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
