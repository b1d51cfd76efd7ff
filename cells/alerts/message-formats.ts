import { STATE_WORDS } from "./alert-words.ts";
import { mailHtml } from "./mail-html.ts";
import {
  alertLinks,
  chartLines,
  itemLine,
  type MessageItem,
  type MessageLink,
  type MessagePlace,
  messageText,
} from "./message-text.ts";
import { countOfTold, MOST_TOLD, type Notification } from "./notification.ts";

/** `standard`: JSON for programs, by the Standard Webhooks specification. `slack`: for chats that take Slack's bodies. */
export type WebhookFormat = "standard" | "slack";

/** The body of a webhook: the same bytes for every attempt, as the signature and the receiver's memory need. */
export function webhookBody(format: WebhookFormat, message: Notification, place: MessagePlace): string {
  switch (format) {
    case "standard":
      return JSON.stringify(standardBody(message, place));
    case "slack":
      return JSON.stringify(slackBody(message, place));
  }
}

function standardBody(message: Notification, place: MessagePlace): unknown {
  const { title, links } = messageText(message, place);
  const { type, at, job, run } = message;
  // Messages that an earlier version kept list all.
  const listed = message.alerts.slice(0, MOST_TOLD);
  return {
    type: `alerts.${type}`,
    timestamp: at,
    data: {
      title,
      job,
      run,
      links: linksObject(links),
      more: countOfTold(message) - listed.length,
      alerts: listed.map((alert) => ({ ...alert, links: linksObject(alertLinks({ job, ...alert }, place)) })),
    },
  };
}

/** `{ "alert": "https://…", "reading": "https://…" }` */
const linksObject = (links: readonly MessageLink[]) =>
  Object.fromEntries(links.map(({ text, href }) => [text.toLowerCase(), href]));

function slackBody(message: Notification, place: MessagePlace): unknown {
  const { title, items, rest, links } = messageText(message, place);
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
  return {
    text: title,
    blocks: [
      section(`*${escaped(title)}*`),
      ...items.map((item) => section(slackItem(item, place))),
      ...(rest === null ? [] : [section(escaped(rest))]),
      section(slackLinks(links)),
    ],
  };
}

const slackLinks = (links: readonly MessageLink[]): string =>
  links.map(({ text, href }) => `<${href}|${escaped(text)}>`).join(" · ");

function slackItem(item: MessageItem, place: MessagePlace): string {
  const { state, links } = item;
  const lines = chartLines(item, place);
  return [
    `• *${escaped(STATE_WORDS[state])}* ${cut(escaped(itemLine(item)))}`,
    ` ${slackLinks(links)}`,
    // A backtick would end the text of fixed width.
    lines.length === 0 ? "" : `\n\`\`\`${escaped(lines.join("\n")).replaceAll("`", "'")}\`\`\``,
  ].join("");
}

/** Slack refuses a section of more than 3000, and the link and the chart come after it. */
const MOST_CHARACTERS = 2000;
const cut = (text: string): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `${text.slice(0, MOST_CHARACTERS).replace(/(?:[\uD800-\uDBFF]|&[a-z]*)$/, "")}…`;

/** Names and reasons are the user's data: none of it is a mention, a link or a command to Slack. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** As an e-mail, in plain text and in HTML. */
export function mailText(message: Notification, place: MessagePlace): MailText {
  const whole = messageText(message, place);
  const { title, items, rest, links } = whole;
  const lines = [
    ...items.flatMap((item) => [
      `${STATE_WORDS[item.state].toUpperCase()}  ${itemLine(item)}`,
      ...chartLines(item, place).map((line) => `  ${line}`),
      ...item.links.map(({ text, href }) => `  ${text}: ${href}`),
      "",
    ]),
    ...(rest === null ? [] : [rest, ""]),
    ...links.map(({ text, href }) => `${text}: ${href}`),
  ];
  return { subject: `[Driftbook] ${title}`, text: `${lines.join("\n")}\n`, html: mailHtml(whole, place) };
}
