import { z } from "zod";
import { environmentReference, variableOf } from "../environment-name.ts";

/** A value of driftbook.yaml: as it stands there, or the variable that holds it. */
export type SettingText = { readonly text: string } | { readonly variable: string };

interface Common {
  readonly name: string;
  /** Loopback and private networks too; never link-local ones. */
  readonly allowPrivate: boolean;
}
export interface WebhookDestination extends Common {
  readonly type: "webhook";
  readonly url: SettingText;
  readonly format: "standard" | "slack";
  /** Holds a `whsec_…` secret; null: not signed. */
  readonly secret: SettingText | null;
}
export interface MailDestination extends Common {
  readonly type: "email";
  readonly to: string;
  readonly from: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly login: { readonly user: SettingText; readonly password: SettingText } | null;
}
export type Destination = WebhookDestination | MailDestination;

const addressee = z.email("expected an address such as risk@example.com");
const orReference = <T extends z.ZodType<string>>(plain: T) =>
  z.string().superRefine((text, context) => {
    const read = (variableOf(text) === null ? plain : environmentReference).safeParse(text);
    if (!read.success) for (const { message } of read.error.issues) context.addIssue({ code: "custom", message });
  });
const webAddress = z
  .string()
  .refine(isWebhookAddress, "expected an address such as https://hooks.example.com/x, or env:NAME");
const mailServer = z
  .string()
  .regex(/^([a-z0-9.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i, "expected host:port, such as smtp.example.com:587")
  .refine((text) => portOf(text) > 0 && portOf(text) <= 65_535, "expected a port from 1 to 65535");

const WEBHOOK_KEYS = ["format", "secret"] as const;
const MAIL_KEYS = ["smtp", "from", "user", "password"] as const;

/** One of `destinations` in driftbook.yaml. */
const destinationSpec = z
  .strictObject({
    webhook: orReference(webAddress).optional(),
    format: z.enum(["standard", "slack"]).optional(),
    secret: environmentReference.optional(),
    email: addressee.optional(),
    smtp: mailServer.optional(),
    from: addressee.optional(),
    user: orReference(z.string().min(1)).optional(),
    password: environmentReference.optional(),
    allow_private: z.boolean().optional(),
  })
  .superRefine((spec, context) => {
    const say = (message: string, key?: string) =>
      context.addIssue({ code: "custom", message, path: key === undefined ? [] : [key] });
    if ((spec.webhook === undefined) === (spec.email === undefined)) {
      say("expected either webhook or email");
      return;
    }
    const foreign = spec.webhook === undefined ? WEBHOOK_KEYS : MAIL_KEYS;
    const own = spec.webhook === undefined ? "email" : "webhook";
    for (const key of foreign) if (spec[key] !== undefined) say(`is no key beside ${own}`, key);
    if (spec.email === undefined) return;
    if (spec.smtp === undefined) say("expected smtp beside it, such as smtp: smtp.example.com:587", "email");
    if ((spec.user === undefined) !== (spec.password === undefined)) say("expected user and password together");
  });

const destinationName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "expected a name of small letters, digits, - and _");
export const destinationSpecs = z.record(destinationName, destinationSpec);

/** @param specs as `destinationSpecs` read them */
export function toDestinations(specs: z.output<typeof destinationSpecs>): readonly Destination[] {
  return Object.entries(specs).map(([name, spec]): Destination => {
    const common = { name, allowPrivate: spec.allow_private ?? false };
    if (spec.webhook !== undefined)
      return {
        ...common,
        type: "webhook",
        url: settingText(spec.webhook),
        format: spec.format ?? "standard",
        secret: spec.secret === undefined ? null : settingText(spec.secret),
      };
    const { email, smtp, from, user, password } = spec as { email: string; smtp: string } & typeof spec;
    return {
      ...common,
      type: "email",
      to: email,
      from: from ?? email,
      smtp: { host: smtp.slice(0, smtp.lastIndexOf(":")).replace(/^\[|\]$/g, ""), port: portOf(smtp) },
      login:
        user === undefined || password === undefined
          ? null
          : { user: settingText(user), password: settingText(password) },
    };
  });
}

/** With a name and a password in it an address would end in logs. */
export function isWebhookAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

function settingText(text: string): SettingText {
  const variable = variableOf(text);
  return variable === null ? { text } : { variable };
}

const portOf = (text: string): number => Number(text.slice(text.lastIndexOf(":") + 1));
