import { mailText, webhookBody } from "../../cells/alerts/message-formats.ts";
import type { MessagePlace } from "../../cells/alerts/message-text.ts";
import type { Notification } from "../../cells/alerts/notification.ts";
import { type Lookup, literalRefusal } from "./checked-address.ts";
import { type Destination, isWebhookAddress, type SettingText } from "./destination.ts";
import { sendMail } from "./send-mail.ts";
import { type SendResult, sendWebhook } from "./send-webhook.ts";
import { webhookHeaders } from "./sign-webhook.ts";

export interface Sending {
  readonly place: MessagePlace;
  /** The value of a variable that driftbook.yaml names. */
  readonly variable: (name: string) => string | undefined;
  readonly nowMillis: () => number;
  readonly timeoutMillis: number;
  readonly lookup?: Lookup;
}

/**
 * One attempt. Whatever goes wrong with it is a result in words, and never the secret that it was tried with; only the
 * caller's own stop is thrown.
 */
export async function sendMessage(
  destination: Destination,
  message: Notification,
  sending: Sending,
  stop: AbortSignal,
): Promise<SendResult> {
  const timeout = AbortSignal.timeout(sending.timeoutMillis);
  try {
    return await attempt(destination, message, sending, AbortSignal.any([stop, timeout]));
  } catch (error) {
    stop.throwIfAborted();
    if (timeout.aborted)
      return { ok: false, status: null, text: `No answer within ${sending.timeoutMillis / 1000} s.` };
    return { ok: false, status: statusOf(error), text: wordsOf(error) };
  }
}

function attempt(
  destination: Destination,
  message: Notification,
  { place, variable, nowMillis, lookup }: Sending,
  signal: AbortSignal,
): Promise<SendResult> {
  const value = (text: SettingText) => settingValue(text, variable);
  switch (destination.type) {
    case "webhook": {
      const { format, allowPrivate, secret } = destination;
      const body = webhookBody(format, message, place);
      const headers = webhookHeaders(
        { id: message.key, body, secret: secret === null ? null : value(secret) },
        nowMillis(),
      );
      return sendWebhook({ url: urlOf(destination.url, value), headers, body, allowPrivate }, signal, lookup);
    }
    case "email": {
      const { to, from, smtp, login, allowPrivate } = destination;
      return sendMail(
        { key: message.key, from, to, ...mailText(message, place) },
        {
          ...smtp,
          allowPrivate,
          login: login === null ? null : { user: value(login.user), password: value(login.password) },
        },
        signal,
        lookup,
      );
    }
  }
}

/** Why nothing can be sent there as things stand; null when it can be tried. */
export function problemOf(destination: Destination, variable: Sending["variable"]): string | null {
  try {
    const value = (text: SettingText) => settingValue(text, variable);
    if (destination.type === "webhook") {
      const { hostname } = urlOf(destination.url, value);
      webhookHeaders({ id: "", body: "", secret: destination.secret === null ? null : value(destination.secret) }, 0);
      return literalRefusal(hostname, destination.allowPrivate);
    }
    if (destination.login !== null) {
      value(destination.login.user);
      value(destination.login.password);
    }
    return literalRefusal(destination.smtp.host, destination.allowPrivate);
  } catch (error) {
    return (error as Error).message;
  }
}

function settingValue(setting: SettingText, variable: Sending["variable"]): string {
  if ("text" in setting) return setting.text;
  const value = variable(setting.variable);
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `${setting.variable} is not set in the environment of the server: set it and start the server again.`,
  );
}

function urlOf(setting: SettingText, value: (text: SettingText) => string): URL {
  const text = value(setting);
  if (isWebhookAddress(text)) return new URL(text);
  // The value is a secret: it is not told.
  const where = "variable" in setting ? setting.variable : "webhook";
  throw new Error(`${where} holds no address such as https://hooks.example.com/x.`);
}

function statusOf(error: unknown): number | null {
  const code = (error as { responseCode?: unknown }).responseCode;
  return typeof code === "number" ? code : null;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== "") return error.message;
  // Several addresses that all refused make an error without words.
  const inner = error instanceof AggregateError ? error.errors.map(wordsOf) : [];
  return inner.length > 0 ? inner.join("; ") : ((error as NodeJS.ErrnoException).code ?? error.name);
}
