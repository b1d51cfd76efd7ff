import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../../server/workspace-settings.ts";

async function read(text: string) {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-destinations-"));
  await writeFile(path.join(folder, "driftbook.yaml"), text);
  const settings = await readSettings(folder);
  await rm(folder, { recursive: true });
  return settings;
}

test("destinations are read with their defaults, and secrets stay in the environment", async () => {
  const settings = await read(`destinations:
  risk-slack: {webhook: "env:SLACK_URL", format: slack}
  programs: {webhook: "http://127.0.0.1:9/hook", secret: "env:HOOK_SECRET", allow_private: true}
  mail: {email: risk@example.com, smtp: "smtp.example.com:587", user: bot, password: "env:SMTP_PASSWORD"}
  relay: {email: risk@example.com, from: driftbook@example.com, smtp: "[fd00::1]:25"}
`);
  if (!settings.ok) throw new Error(settings.problem);
  expect(settings.settings.destinations).toEqual([
    {
      ...{ name: "risk-slack", type: "webhook", url: { variable: "SLACK_URL" }, format: "slack", secret: null },
      allowPrivate: false,
    },
    {
      ...{ name: "programs", type: "webhook", url: { text: "http://127.0.0.1:9/hook" }, format: "standard" },
      ...{ secret: { variable: "HOOK_SECRET" }, allowPrivate: true },
    },
    {
      ...{ name: "mail", type: "email", to: "risk@example.com", from: "risk@example.com", allowPrivate: false },
      smtp: { host: "smtp.example.com", port: 587 },
      login: { user: { text: "bot" }, password: { variable: "SMTP_PASSWORD" } },
    },
    {
      ...{ name: "relay", type: "email", to: "risk@example.com", from: "driftbook@example.com", allowPrivate: false },
      smtp: { host: "fd00::1", port: 25 },
      login: null,
    },
  ]);
});

test.each<[string, string]>([
  ["{webhok: https://a.example}", "line 2: destinations.team.webhok: unknown key; did you mean webhook?"],
  ["{webhook: ftp://a.example}", "expected an address such as https://hooks.example.com/x, or env:NAME"],
  ["{webhook: https://me:secret@a.example}", "expected an address such as https://hooks.example.com/x"],
  ["{webhook: env:slack}", "after env: expected a name like RATES_KEY"],
  ["{webhook: env:DRIFTBOOK_TOKEN}", "after env: expected a name that steers no runtime"],
  ["{webhook: https://a.example, secret: whsec_abc}", "expected the name of a variable such as env:SECRET"],
  ["{webhook: https://a.example, format: teams}", "expected one of standard, slack"],
  ["{webhook: https://a.example, smtp: a.example:25}", "destinations.team.smtp: is no key beside webhook"],
  ["{webhook: https://a.example, email: a@example.com}", "expected either webhook or email"],
  ["{}", "expected either webhook or email"],
  ["{email: nobody, smtp: a.example:25}", "expected an address such as risk@example.com"],
  ["{email: a@example.com}", "expected smtp beside it"],
  ["{email: a@example.com, smtp: a.example}", "expected host:port"],
  ["{email: a@example.com, smtp: a.example:99999}", "expected a port from 1 to 65535"],
  ["{email: a@example.com, smtp: a.example:25, user: me}", "expected user and password together"],
  ["{email: a@example.com, smtp: a.example:25, user: me, password: sesame}", "such as env:SECRET"],
])("%s is refused: %s", async (spec, sentence) => {
  const settings = await read(`destinations:\n  team: ${spec}\n`);
  expect(settings.ok ? "accepted" : settings.problem).toContain(sentence);
});

test("a name of a destination is one that job files can write", async () => {
  const settings = await read('destinations:\n  Risk Team: {webhook: "https://a.example"}\n');
  expect(settings.ok ? "accepted" : settings.problem).toContain("small letters, digits, - and _");
});
