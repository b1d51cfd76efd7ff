import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ImportView } from "../../cells/wire/http-streams.ts";
import { type Serving, serve } from "../serve.ts";
import type { Invocation } from "./command.ts";
import { measurableFrom } from "./measurable-from.ts";
import { Progress } from "./progress.ts";

interface LiveEvent {
  readonly at: number;
}

/** What `examples/<name>/generate.js` gives; it is plain JavaScript because it is part of the published package. */
interface Generator {
  writeHistory(
    folder: string,
    options: { seed: number; decisions: number; endMillis: number; onProgress: (share: number) => void },
  ): Promise<{
    files: { decisions: string; feedback: string };
    /** Ascending by `at`, milliseconds since 1970. */
    live: LiveEvent[];
    counts: { decisions: number; feedback: number };
    /** ISO 8601, UTC. */
    events: { start: string; end: string; note: string }[];
  }>;
  playLive(options: {
    url: string;
    key: string;
    live: LiveEvent[];
    seed: number;
    onProgress: (share: number) => void;
  }): Promise<{ accepted: number; duplicates: number; quarantined: number }>;
}

/** Whose doing it is in the audit log and in versions. */
const ACTOR = "init";
const SEED = 7;
const DECISIONS = 300_000;
const STREAM = "card_fraud";
const NOTEBOOK = "fraud.nb.md";

/**
 * Plays the example into a new workspace by the ways that any user has: history as files with a SELECT, the last days
 * over HTTP with a key, the notebook by a session. The server lives for the time of it.
 */
export async function playExample(invocation: Invocation, folder: string, source: string): Promise<void> {
  const generator = (await import(pathToFileURL(path.join(source, "generate.js")).href)) as Generator;
  const temporary = path.join(folder, ".driftbook", "example");
  const serving = await serve({
    folder,
    host: "127.0.0.1",
    port: 0,
    configuration: invocation.configuration,
    schedules: false,
  });
  try {
    const writing = new Progress("Writing the payment system's history");
    const options = {
      seed: SEED,
      decisions: DECISIONS,
      endMillis: Date.now(),
      onProgress: (share: number) => writing.at(share),
    };
    const { files, live, counts, events } = await generator.writeHistory(temporary, options);
    writing.done(`${counts.decisions} decisions, ${counts.feedback} pieces of feedback`);
    for (const [log, select] of [
      ["decisions", "payments.sql"],
      ["feedback", "disputes.sql"],
    ] as const) {
      const loading = new Progress(`Loading ${log} as history`);
      const text = await readFile(path.join(source, "history", select), "utf8");
      const done = await importHistory(serving, log, files[log], text);
      loading.done(`${done.accepted} accepted, ${done.quarantined} quarantined`);
    }
    const playing = new Progress("Playing the last days over HTTP");
    const key = serving.services.keys.create({
      name: "the example's payment system",
      scopes: [`ingest:${STREAM}`],
      expiresAfterMillis: 3_600_000,
      ratePerSecond: 10_000,
    });
    note(serving, "create key", key.key.id, { scopes: key.key.scopes, expiresAt: key.key.expiresAt });
    const totals = await generator.playLive({
      url: serving.origin,
      key: key.secret,
      live,
      seed: SEED,
      onProgress: (share) => playing.at(share),
    });
    serving.services.keys.revoke(key.key.id);
    note(serving, "revoke key", key.key.id);
    playing.done(`${totals.accepted} accepted, ${totals.duplicates} duplicates, ${totals.quarantined} quarantined`);
    for (const { start, end, note: said } of events) {
      const wish = { window: { start, end }, note: said, excludes: false };
      const { id } = serving.services.workspace.marks.make({ ...wish, stream: STREAM, by: ACTOR });
      note(serving, "mark", STREAM, { id, ...wish });
    }
    const running = new Progress("Running the notebook");
    running.done(await runNotebook(serving));
    const promoting = new Progress("Promoting the jobs");
    promoting.done(await promoteJobs(serving, live));
  } finally {
    await serving.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** As a request would be in the audit log: evidence names who promoted what a number was measured by. */
function note({ services }: Serving, action: string, target: string, details?: unknown): void {
  services.audit.record({ actor: ACTOR, action, target, address: "127.0.0.1", requestId: ACTOR, details });
}

async function importHistory(serving: Serving, log: string, file: string, select: string): Promise<ImportView> {
  const answer = await fetch(`${serving.origin}/api/streams/${STREAM}/imports`, {
    method: "POST",
    headers: { authorization: `Bearer ${serving.localSecret}`, "content-type": "application/json" },
    body: JSON.stringify({ log, files: [file], select, history: true }),
  });
  const body = (await answer.json()) as { import: ImportView; detail?: string };
  if (!answer.ok) throw new Error(`The example's ${log} did not load: ${body.detail}`);
  return body.import;
}

const HISTORY_DAYS = 180;
/** How long the generator's story is. */
const STORY_DAYS = 182;
/** Its revisions are the weeks of the past, which the server runs. */
const REPORT = {
  slug: "card-fraud-value",
  job: "weekly-value",
  title: "What the alerts caught and cost",
  choices: { showCode: false, tables: "aggregates", personal: false, backfills: true },
} as const;

/** Takes up the example's jobs, and queues their past for the server that comes next: it runs while people read. */
async function promoteJobs(serving: Serving, live: readonly LiveEvent[]): Promise<string> {
  const { jobs } = serving.services;
  const results = await jobs.promotions.apply(null, ACTOR);
  const refused = results.find(({ change }) => change === "refused");
  if (refused !== undefined) throw new Error(refused.message);
  // What was sent just now was known to no morning before: those days are measured as they are known now.
  const now = Date.now();
  const times = [now - HISTORY_DAYS * 86_400_000, live[0]?.at ?? now, now];
  const [start, sent, end] = times.map(isoOf) as [string, string, string];
  let runs = 0;
  for (const { name, change, version, changes } of results) {
    note(serving, "apply job", name, { change, version, changes });
    // A first look is not at weeks of missing labels.
    const measurable = measurableFrom(
      jobs.asked.dueIn(name, { start, end }),
      jobs.known.stored(name).spec.window,
      historyOf(serving),
    );
    const fromMillis = measurable[0] ?? now;
    for (const [range, as] of [
      [{ start: isoOf(fromMillis), end: sent }, "known-then"],
      [{ start: isoOf(Math.max(fromMillis, Date.parse(sent))), end }, "known-now"],
    ] as const)
      if (jobs.asked.dueIn(name, range).length > 0) {
        const wish = { as, alerts: true };
        const asked = jobs.asked.backfill(name, range, { ...wish, begin: false }).runs.length;
        note(serving, "backfill job", name, { job: name, version, range, ...wish, runs: asked });
        runs += asked;
      }
  }
  const { slug, job, title, choices } = REPORT;
  serving.services.reports.begin(slug, job, title, choices);
  note(serving, "follow with report", slug, { job, title, personal: choices.personal, tables: choices.tables });
  return `${results.length} jobs, ${runs} runs of the past wait for the server`;
}

const isoOf = (millis: number): string => new Date(millis).toISOString();

function historyOf({ services: { workspace, settings } }: Serving): Parameters<typeof measurableFrom>[2] {
  const { feedback } = workspace.contracts.list().find(({ stream }) => stream === STREAM)!.contract!;
  const beginMillis = Date.now() - STORY_DAYS * 86_400_000;
  return { beginMillis, maturityMillis: feedback.maturityMillis ?? 0, zone: settings.zone };
}

/** Through a session, so that its results are stored and stand there when the browser opens it. */
async function runNotebook(serving: Serving): Promise<string> {
  const { notebooks } = serving.services;
  const { session } = await notebooks.open(NOTEBOOK);
  await session.perform({ type: "run", request: 1, cells: "all" }, ACTOR);
  await new Promise<void>((resolve) => {
    const look = () => {
      if (session.busy) return;
      stop();
      resolve();
    };
    const stop = session.observe(() => setImmediate(look));
    look();
  });
  const runs = Object.values(session.state.runs);
  const failed = runs.filter((run) => run.status !== "ok");
  return failed.length === 0 ? `${runs.length} cells` : `${runs.length} cells, ${failed.length} of them failed`;
}
