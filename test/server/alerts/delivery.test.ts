import { createHmac } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../../cells/alerts/alert.ts";
import { Deliverer } from "../../../server/alerts/deliverer.ts";
import type { Destination } from "../../../server/alerts/destination.ts";
import type { JobsOfAlerts } from "../../../server/alerts/judge-ended.ts";
import { type Alerts, openAlerts } from "../../../server/alerts/open-alerts.ts";
import type { Log } from "../../../server/log.ts";
import { aReading, aRun, course, RULES } from "../../cells/alerts/a-run.ts";
import { type WebhookReceiver, webhookReceiver } from "../../support/webhook-receiver.ts";

const SECRET = `whsec_${Buffer.from("a secret of twenty-nine bytes").toString("base64")}`;
const VARIABLES: Readonly<Record<string, string>> = { SECRET, EMPTY: "", SHORT: "whsec_abc", PASSWORD: "open sesame" };
const SECOND = 1000;
const JOBS: JobsOfAlerts = {
  store: { find: () => ({ spec: { run: "a.nb.md", schedule: "0 6 * * *" } }) },
  queue: { isAwaited: () => false },
  history: { pastValues: () => course("oof 0.01 0.03 0.31") },
};

let receiver: WebhookReceiver;
let now = 0;
const opened: Alerts[] = [];
beforeEach(async () => {
  receiver = await webhookReceiver();
  now = Date.UTC(2026, 3, 1, 6);
});
afterEach(async () => {
  for (const alerts of opened.splice(0)) await alerts.close();
  await receiver.close();
});

const webhook = (name: string, more: Partial<Extract<Destination, { type: "webhook" }>> = {}): Destination => ({
  ...{ name, type: "webhook", url: { text: receiver.url }, format: "standard", secret: null, allowPrivate: true },
  ...more,
});

function alertsTo(destinations: readonly Destination[], more: Partial<Parameters<typeof openAlerts>[0]> = {}) {
  const lines: string[] = [];
  const log: Log = { write: (level, event, fields) => lines.push(`${level} ${event}: ${fields?.message}`), close() {} };
  const alerts = openAlerts({
    database: new DatabaseSync(":memory:"),
    settings: { destinations, zone: "Europe/Berlin" },
    variable: (name) => VARIABLES[name],
    origin: () => "https://driftbook.example.com",
    log,
    jobs: () => JOBS,
    nowMillis: () => now,
    timeoutMillis: 5000,
    ...more,
  });
  opened.push(alerts);
  return { alerts, lines, outbox: alerts.store.outbox };
}

/** A check that fails on that day; each is one message. */
function fire(alerts: Alerts, day: number, to: readonly string[] = ["team"]): void {
  const reading = aReading("fail", { cell: "load", kind: "check", metric: "rows", subject: `day ${day}` });
  const run = aRun(day, [reading], { failure: null, job: "daily checks & more" });
  alerts.store.record(run, { ...RULES, to }, now);
}

const HOSTILE = "<!channel> & <https://evil.example|click>";
const drift = { subject: `amount ${HOSTILE}`, definition: "psi@1" };

describe("a webhook", () => {
  test("of the standard format is signed so that the receiver can check it", async () => {
    const { alerts } = alertsTo([webhook("team", { secret: { variable: "SECRET" } })]);
    for (const day of [1, 2]) alerts.store.record(aRun(day, [aReading("fail", drift)]), RULES, now);
    await alerts.deliverer.turn();
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    const id = alerts.store.outbox.list(1)[0]!.id;
    const time = String(now / SECOND);
    expect(headers).toMatchObject({ "webhook-id": id, "webhook-timestamp": time, "content-type": "application/json" });
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
    expect(JSON.parse(body)).toMatchObject({
      type: "alerts.changed",
      timestamp: "2026-04-01T06:00:00.000Z",
      data: {
        title: "daily: 1 firing",
        job: "daily",
        run: "r2",
        links: { run: "https://driftbook.example.com/jobs/daily/runs/r2" },
        alerts: [{ metric: "psi", from: "pending", to: "firing", since: "2026-03-01T06:00:00.000Z", runs: 2 }],
      },
    });
    expect(JSON.parse(body)).toHaveProperty("data.alerts.0.history.2", {
      ...{ scheduledFor: "2026-03-03T06:00:00.000Z", value: 0.31, judged: null, verdict: "fail" },
    });
  });

  test("for a chat says value, bound, noise, since when, the chart and where, and names cannot mention or link", async () => {
    const { alerts } = alertsTo([webhook("team", { format: "slack" })]);
    for (const day of [1, 2]) alerts.store.record(aRun(day, [aReading("fail", drift)]), RULES, now);
    await alerts.deliverer.turn();
    const { text, blocks } = JSON.parse(receiver.received[0]!.body) as {
      text: string;
      blocks: { type: string; text: { type: string; text: string } }[];
    };
    expect(text).toBe("daily: 1 firing");
    const [{ id }] = alerts.store.list("firing", now) as [Alert];
    expect(blocks.map(({ text: { text: line } }) => line)).toEqual([
      "*daily: 1 firing*",
      `• *firing* PSI of amount &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; in score_drift: 0.310 (95% interval 0.300–0.320, n 5,000), fail above 0.25, since 1 Mar 2026, 07:00 CET (2 runs). It is fail. <https://driftbook.example.com/alerts/${id}|Alert> · <https://driftbook.example.com/readings/reading-1?job=daily|Reading>\n\`\`\`▁▁█ 0.310\nleast 0.010, greatest 0.310\n1 of 3 above 0.25, the fail bound\n3 runs, 1 Mar 2026, 07:00 CET to 3 Mar 2026, 07:00 CET\`\`\``,
      "<https://driftbook.example.com/jobs/daily/runs/r2|Run> · <https://driftbook.example.com/alerts|Alerts>",
    ]);
  });

  test("that fails is tried again with the same key and body, and what is behind it waits", async () => {
    const { alerts, lines, outbox } = alertsTo([webhook("team"), webhook("other")]);
    receiver.answers.push(503, 500);
    fire(alerts, 1);
    fire(alerts, 2);
    await alerts.deliverer.turn();
    expect(receiver.received.length).toBe(1);
    now += 5 * SECOND - 1;
    await alerts.deliverer.turn();
    expect(receiver.received.length).toBe(1);
    now += 1;
    await alerts.deliverer.turn();
    now += 15 * SECOND;
    await alerts.deliverer.turn();
    const [first, second] = outbox.list(9).toReversed();
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual([first!.id, first!.id, first!.id, second!.id]);
    expect(new Set(receiver.received.slice(0, 3).map(({ body }) => body)).size).toBe(1);
    expect(outbox.attempts(first!.id).map(({ outcome, status, text }) => [outcome, status, text])).toEqual([
      ["failed", 503, "The receiver answered 503: not now."],
      ["failed", 500, "The receiver answered 500: not now."],
      ["delivered", 200, "The receiver answered 200."],
    ]);
    expect(lines[0]).toBe(
      "warn a message of alerts was not delivered; it is tried again: The receiver answered 503: not now.",
    );
  });

  test("to one destination does not wait for another that stalls", async () => {
    const slow = await webhookReceiver();
    slow.answers.push("stall");
    const { alerts, outbox } = alertsTo([webhook("slow", { url: { text: slow.url } }), webhook("team")], {
      timeoutMillis: 200,
    });
    fire(alerts, 1, ["slow", "team"]);
    const turn = alerts.deliverer.turn();
    await receiver.until(1);
    await turn;
    const states = () => outbox.list(9).map(({ destination, state }) => `${destination} ${state}`);
    expect(states()).toEqual(["team delivered", "slow waiting"]);
    expect(outbox.counts("slow").lastProblem).toBe("No answer within 0.2 s.");
    now += 5 * SECOND;
    await alerts.deliverer.turn();
    expect(states()).toEqual(["team delivered", "slow delivered"]);
    await slow.close();
  });

  test("follows no redirect", async () => {
    const { alerts, outbox } = alertsTo([webhook("team")]);
    receiver.answers.push((_request, response) => {
      response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
    });
    fire(alerts, 1);
    await alerts.deliverer.turn();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook"]);
    expect(outbox.counts("team").lastProblem).toContain("Redirects are not followed");
  });

  test("goes to the address that was checked, whatever the name leads to a moment later", async () => {
    let answers = 0;
    const lookup = async () => [{ address: answers++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    const url = { text: `http://receiver.example.com:${receiver.port}/hook` };
    const { alerts } = alertsTo([webhook("team", { url })], { lookup });
    fire(alerts, 1);
    await alerts.deliverer.turn();
    expect([answers, receiver.received[0]?.headers.host]).toEqual([1, `receiver.example.com:${receiver.port}`]);
  });

  test("tries the other addresses of a name where the first does not answer", async () => {
    const lookup = async () => ["127.0.0.3", "127.0.0.1"].map((address) => ({ address, family: 4 }));
    const url = { text: `http://receiver.example.com:${receiver.port}/hook` };
    const { alerts } = alertsTo([webhook("team", { url })], { lookup });
    expect(await alerts.test("team")).toMatchObject({ ok: true });
  });

  test("to this machine or a private network is refused unless driftbook.yaml allows it", async () => {
    const { alerts, outbox } = alertsTo([webhook("team", { allowPrivate: false })]);
    // It can be told before anything is to be sent.
    expect(alerts.problemOf("team")).toMatch(/^Nothing is sent to 127\.0\.0\.1: .*allow_private: true/);
    const metadata = alertsTo([webhook("team", { url: { text: "http://169.254.169.254/latest" } })]);
    expect(metadata.alerts.problemOf("team")).toBe(
      "Nothing is sent to 169.254.169.254: it is link-local, multicast or reserved.",
    );
    fire(alerts, 1);
    await alerts.deliverer.turn();
    expect([receiver.received.length, outbox.counts("team").lastProblem]).toEqual([
      0,
      expect.stringMatching(/^Nothing is sent to 127\.0\.0\.1: .*allow_private: true/),
    ]);
  });

  test("whose variable is missing or wrong says which, and never its value", async () => {
    for (const [more, sentence] of [
      [{ url: { variable: "ABSENT" } }, "ABSENT is not set in the environment"],
      [{ url: { variable: "EMPTY" } }, "EMPTY is not set in the environment"],
      [{ url: { variable: "PASSWORD" } }, "PASSWORD holds no address"],
      [{ secret: { variable: "SHORT" } }, "expected whsec_ and 24 to 64 bytes"],
    ] as const) {
      const { alerts, lines } = alertsTo([webhook("team", more)]);
      expect(alerts.problemOf("team")).toContain(sentence);
      fire(alerts, 1);
      await alerts.deliverer.turn();
      expect(lines.join()).toContain(sentence);
      expect(lines.join()).not.toMatch(/sesame|whsec_abc/);
    }
    expect(receiver.received).toEqual([]);
  });

  test("to a destination that is not there, or after a day of failures, is given up for all to see", async () => {
    const { alerts, lines, outbox } = alertsTo([]);
    fire(alerts, 1, ["nobody"]);
    for (let tries = 0; tries < 40 && outbox.list(1)[0]!.state === "waiting"; tries++) {
      await alerts.deliverer.turn();
      now = outbox.list(1)[0]!.nextMillis;
    }
    expect(outbox.list(1)[0]).toMatchObject({ state: "failed" });
    expect(lines.at(-1)).toContain(
      'error a message of alerts was given up: driftbook.yaml has no destination "nobody"',
    );
  });
});

test("the loop wakes by itself for new messages, and closing leaves what is on its way as not known", async () => {
  const { alerts, outbox } = alertsTo([webhook("team")], { timeoutMillis: 60_000 });
  alerts.start();
  fire(alerts, 1);
  await receiver.until(1);
  receiver.answers.push("stall");
  fire(alerts, 2);
  await receiver.until(2);
  await alerts.close();
  const [second, first] = outbox.list(9);
  expect([first!.state, second!.state, second!.failures]).toEqual(["delivered", "waiting", 0]);
  expect(outbox.attempts(second!.id)).toMatchObject([{ outcome: "unknown" }]);
});

test("a job that was removed takes its alerts with it", async () => {
  const spec = { run: "a.nb.md", schedule: "0 6 * * *" };
  const jobs = new Map([["daily checks & more", { spec }]]);
  const { alerts, outbox } = alertsTo([webhook("team")], {
    jobs: () => ({ ...JOBS, store: { find: (job) => jobs.get(job) ?? null } }),
  });
  fire(alerts, 1);
  await alerts.deliverer.turn();
  jobs.clear();
  now += 60 * SECOND;
  await alerts.deliverer.turn();
  expect(outbox.list(9).map(({ title, state }) => [title, state])).toEqual([
    ["daily checks & more: 1 subject gone", "delivered"],
    ["daily checks & more: 1 firing", "delivered"],
  ]);
});

test("a test goes beside the order and says what came of it", async () => {
  const { alerts, outbox } = alertsTo([webhook("team")]);
  receiver.answers.push(404);
  expect(await alerts.test("team")).toMatchObject({ ok: false, status: 404 });
  expect(await alerts.test("team")).toMatchObject({ ok: true, status: 200 });
  expect(await alerts.test("nobody")).toBeNull();
  expect(outbox.list(9).map(({ state, title }) => [state, title])).toEqual([
    ["delivered", "A test from Driftbook"],
    ["failed", "A test from Driftbook"],
  ]);
  await alerts.deliverer.turn();
  expect(receiver.received.length).toBe(2);
});

describe("an e-mail", () => {
  async function mailServer(options: ConstructorParameters<typeof SMTPServer>[0] = {}) {
    const mails: { from: string; to: string[]; text: string; user: unknown }[] = [];
    const server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ["STARTTLS"],
      onData(stream, session, done) {
        let text = "";
        stream.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.from(
              text
                .replaceAll("=\r\n", "")
                .replace(/=([0-9A-F]{2})/g, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16))),
              "latin1",
            ).toString(),
            user: session.user,
          });
          done();
        });
      },
      ...options,
    });
    server.on("error", () => {}); // A client that goes away is this test's business.
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.server.address() as { port: number };
    return { mails, port, close: () => new Promise<void>((resolve) => server.close(resolve)) };
  }
  const mail = (port: number, more: Partial<Extract<Destination, { type: "email" }>> = {}): Destination => ({
    ...{ name: "team", type: "email", to: "risk@example.com", from: "driftbook@example.com", login: null },
    ...{ smtp: { host: "localhost", port }, allowPrivate: true },
    ...more,
  });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];

  test("says the same in plain text and in HTML, with the key as its id", async () => {
    const server = await mailServer();
    const { alerts, outbox } = alertsTo([mail(server.port)], { lookup });
    for (const day of [1, 2]) alerts.store.record(aRun(day, [aReading("fail")]), RULES, now);
    await alerts.deliverer.turn();
    const [one] = server.mails;
    expect(one).toMatchObject({ from: "driftbook@example.com", to: ["risk@example.com"] });
    expect(one!.text).toContain("Subject: [Driftbook] daily: 1 firing");
    expect(one!.text).toContain(`Message-ID: <${outbox.list(1)[0]!.id}@example.com>`);
    expect(one!.text).toContain("FIRING  PSI of amount in score_drift: 0.310 (95% interval");
    expect(one!.text).toContain("\r\n  ▁▁█ 0.310\r\n  least 0.010, greatest 0.310\r\n");
    expect(one!.text).toContain("https://driftbook.example.com/jobs/daily/runs/r2");
    const [head, plain, html] = one!.text.split(`----_NmP-${outbox.list(1)[0]!.id}`);
    expect(head).toMatch(/Content-Type: multipart\/alternative/);
    expect(plain).toMatch(/Content-Type: text\/plain; charset=utf-8/);
    expect(html).toMatch(/Content-Type: text\/html; charset=utf-8/);
    expect(html).toContain('href="https://driftbook.example.com/readings/reading-1?job=daily"');
    expect(html).toMatch(/role="img" aria-label="least 0.010, greatest 0.310; 1 of 3 above 0.25, the fail bound/);
    expect(html!.match(/bgcolor="#d9463c"/g)?.length, "the bound, and the bar that it cuts").toBe(3);
    expect(outbox.attempts(outbox.list(1)[0]!.id)).toMatchObject([{ outcome: "delivered", status: 250 }]);
    outbox.redeliver(outbox.list(1)[0]!.id, now);
    await alerts.deliverer.turn();
    const undated = server.mails.map(({ text }) => text.replace(/^Date: .*$/m, ""));
    expect(undated[1]).toBe(undated[0]);
    await server.close();
  });

  test("logs in where there is a login, and a refusal is tried again", async () => {
    const server = await mailServer({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        done(password === VARIABLES.PASSWORD ? null : new Error("wrong password"), { user: username }),
    });
    const login = (variable: string) => ({ user: { text: "bot" }, password: { variable } });
    const right = alertsTo([mail(server.port, { login: login("PASSWORD") })], { lookup });
    fire(right.alerts, 1);
    await right.alerts.deliverer.turn();
    expect(server.mails).toMatchObject([{ user: "bot" }]);
    const wrong = alertsTo([mail(server.port, { login: login("SHORT") })], { lookup });
    fire(wrong.alerts, 1);
    await wrong.alerts.deliverer.turn();
    const [message] = wrong.outbox.list(1);
    expect(message).toMatchObject({ state: "waiting", failures: 1 });
    expect(wrong.outbox.attempts(message!.id)).toMatchObject([{ outcome: "failed", status: 535 }]);
    await server.close();
  });

  test("is not sent over TLS to a server that cannot prove its name", async () => {
    const server = await mailServer({ disabledCommands: [] });
    const { alerts } = alertsTo([mail(server.port)], { lookup });
    expect(await alerts.test("team")).toMatchObject({ ok: false, text: expect.stringMatching(/certificate/i) });
    expect(server.mails).toEqual([]);
    await server.close();
  });

  test("is not sent to a private address unasked, nor waited for without end", async () => {
    const server = await mailServer({ onConnect: () => {} });
    const refused = alertsTo([mail(server.port, { allowPrivate: false })], { lookup });
    expect(await refused.alerts.test("team")).toMatchObject({ ok: false, text: expect.stringContaining("127.0.0.1") });
    const stalled = alertsTo([mail(server.port)], { lookup, timeoutMillis: 200 });
    expect(await stalled.alerts.test("team")).toEqual({ ok: false, status: null, text: "No answer within 0.2 s." });
    await server.close();
  });
});

test("a clock that is set back stops neither a message after a failure of the database nor what is due again", async () => {
  let minutes = 0;
  let fails = true;
  const database = new DatabaseSync(":memory:");
  const { alerts } = alertsTo([webhook("team")], { database });
  const deliverer = new Deliverer({
    store: alerts.store,
    send: async () => ({ ok: true, status: 200, text: "" }),
    log: { write: () => {}, close() {} },
    nowMillis: () => now,
    everyMinute: () => {
      minutes++;
      if (fails) throw new Error("the database is locked");
    },
  });
  await deliverer.turn();
  fails = false;
  fire(alerts, 1);
  now -= 86_400_000;
  await deliverer.turn();
  expect([minutes, alerts.store.outbox.list(1)[0]!.state]).toEqual([2, "delivered"]);
});
