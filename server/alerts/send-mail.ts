import { isIP, Socket } from "node:net";
import { createTransport } from "nodemailer";
import { addressClass } from "./address-class.ts";
import { checkedAddresses, type Lookup } from "./checked-address.ts";
import type { SendResult } from "./send-webhook.ts";

export interface Mail {
  /** Makes the Message-ID, so that every attempt has the same. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for programs that show it. */
  readonly html: string;
}
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly allowPrivate: boolean;
}

const IMPLICIT_TLS_PORT = 465;

/**
 * One e-mail over SMTP to the address that was checked. A password leaves this machine over TLS only.
 * @throws AddressRefused, and what the server or the network says against it
 */
export async function sendMail(
  mail: Mail,
  server: MailServer,
  signal: AbortSignal,
  lookup?: Lookup,
): Promise<SendResult> {
  const { host, port, login, allowPrivate } = server;
  const [{ address }] = await checkedAddresses(host, allowPrivate, lookup);
  signal.throwIfAborted();
  const isLocal = address === "::1" || (addressClass(address) === "private" && address.startsWith("127."));
  const socket = new Socket();
  const transport = createTransport({
    // Ours, so that stopping ends it at once.
    socket,
    host: address,
    port,
    secure: port === IMPLICIT_TLS_PORT,
    requireTLS: login !== null && !isLocal,
    ...(isIP(host) === 0 ? { servername: host, tls: { servername: host } } : {}),
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 15_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { key, from, to, subject, text, html } = mail;
  const sent = transport.sendMail({
    ...{ from, to, subject, text, html },
    textEncoding: "quoted-printable",
    baseBoundary: key,
    messageId: `<${key}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    headers: { "X-Driftbook-Key": key, "Auto-Submitted": "auto-generated" },
  });
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    const { response } = await Promise.race([sent, stopped]);
    return { ok: true, status: Number.parseInt(response, 10) || null, text: `The mail server answered ${response}.` };
  } finally {
    if (signal.aborted) socket.destroy();
    transport.close();
  }
}
