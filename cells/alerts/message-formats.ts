import { type MessagePlace, type MessageText, messageText } from "./message-text.ts";
import type { Notification } from "./notification.ts";

/** `standard`: JSON for programs, by the Standard Webhooks specification. `slack`: for chats that take Slack's bodies. */
export type WebhookFormat = "standard" | "slack";

/** The body of a webhook: the same bytes for every attempt, as the signature and the receiver's memory need. */
export function webhookBody(format: WebhookFormat, message: Notification, place: MessagePlace): string {
  switch (format) {
    case "standard":
      return JSON.stringify(standardBody(message, place));
    case "slack":
      return JSON.stringify(slackBody(messageText(message, place)));
  }
}

function standardBody(message: Notification, place: MessagePlace): unknown {
  const { title, links } = messageText(message, place);
  const { type, at, job, run, alerts } = message;
  return {
    type: `alerts.${type}`,
    timestamp: at,
    data: {
      title,
      job,
      run,
      links: Object.fromEntries(links.map(({ text, href }) => [text.toLowerCase(), href])),
      alerts,
    },
  };
}

function slackBody({ title, items, rest, links }: MessageText): unknown {
  const lines = items.map(
    ({ state, text, link }) => `• *${escaped(state)}* ${cut(escaped(text))}${link === null ? "" : ` <${link}|Chart>`}`,
  );
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
  return {
    text: title,
    blocks: [
      section(`*${escaped(title)}*`),
      ...lines.map(section),
      ...(rest === null ? [] : [section(escaped(rest))]),
      section(links.map(({ text, href }) => `<${href}|${escaped(text)}>`).join(" · ")),
    ],
  };
}

/** Slack refuses a section of more than 3000, and the link comes after it. */
const MOST_CHARACTERS = 2500;
const cut = (text: string): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `${text.slice(0, MOST_CHARACTERS).replace(/(?:[\uD800-\uDBFF]|&[a-z]*)$/, "")}…`;

/** Names and reasons are the user's data: none of it is a mention, a link or a command to Slack. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** As an e-mail in plain text. */
export function mailText(
  message: Notification,
  place: MessagePlace,
): { readonly subject: string; readonly text: string } {
  const { title, items, rest, links } = messageText(message, place);
  const lines = [
    ...items.flatMap(({ state, text, link }) => [
      `${state.toUpperCase()}  ${text}`,
      ...(link === null ? [] : [`  Chart: ${link}`]),
      "",
    ]),
    ...(rest === null ? [] : [rest, ""]),
    ...links.map(({ text, href }) => `${text}: ${href}`),
  ];
  return { subject: `[Driftbook] ${title}`, text: `${lines.join("\n")}\n` };
}
