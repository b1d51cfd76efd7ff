import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { VersionList } from "../../../cells/wire/http-jobs.ts";
import {
  copyOf,
  type KilledJob,
  killAt,
  killedJob,
  leftFiles,
  type Outcome,
  promotable,
  promoteHourly,
  settled,
  stepsOf,
} from "../../support/killed-job.ts";
import type { Kill, Side } from "../../support/lasting-steps.ts";
import { type Random, seededRandom } from "../../support/random.ts";
import { startServer } from "../../support/server.ts";
import { type WebhookReceiver, webhookReceiver } from "../../support/webhook-receiver.ts";

/*
 * The server kills itself exactly before or after one step that makes state last, and another one goes on. Of each kind
 * of step one is taken by a seed; `SEED=…` repeats it. `KILLS=all` takes every step, before and after, in some ten
 * minutes; `KILLS=answer` takes those whose name holds the text:
 *
 *   KILLS=all npx vitest run test/server/jobs/kill-stages.test.ts
 */
const KILLS = process.env.KILLS ?? "some";
/** A run that was lost waits for ten seconds, others use the machine meanwhile. */
const AT_ONCE = 4;
/** The job is due again fifty minutes after its workspace was made. */
const LONGEST_MILLIS = 45 * 60_000;
const SIDES: readonly Side[] = ["before", "after"];

let before: string;
let job: KilledJob;
beforeAll(async () => {
  before = await promotable();
  job = await killedJob();
});
afterAll(async () => {
  for (const folder of [before, job.folder]) await rm(folder, { recursive: true, force: true });
});

/** A copy of the workspace and its receiver, gone afterwards. */
async function copied<T>(
  workspace: string,
  work: (folder: string, receiver: WebhookReceiver) => Promise<T>,
): Promise<T> {
  const receiver = await webhookReceiver();
  const folder = await copyOf(workspace, receiver.url);
  try {
    return await work(folder, receiver);
  } finally {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Steps that may find different defects: writing one file of a report is like writing another. */
function kindOf(step: string): string {
  const [, verb, place] = /^(create|flush|rename).*?(runs|reports|jobs)/.exec(step) ?? [];
  if (place === undefined) return step.replace(/ \(\d+\)$/, "");
  return `${verb === "rename" ? "rename" : "write"} ${place}`;
}

function chosen(steps: readonly string[], random: Random): Kill[] {
  if (KILLS !== "some")
    return steps
      .filter((step) => KILLS === "all" || step.includes(KILLS))
      .flatMap((step) => SIDES.map((side) => ({ step, side })));
  const kinds = Map.groupBy(steps, kindOf);
  return [...kinds.values()].map((alike) => ({ step: random.pick(alike), side: random.pick(SIDES) }));
}

/** Whatever was killed: each tick one result, each change one message, each run one revision, and nothing left over. */
async function expectWhole(outcome: Outcome, receiver: WebhookReceiver, folder: string): Promise<void> {
  const { ticks, runs, deliveries } = outcome;
  expect(ticks.map(({ scheduledFor, state, verdict }) => [scheduledFor, state, verdict])).toEqual([
    [job.dueTimes[0], "done", "fail"],
    [job.dueTimes[1], "done", "ok"],
  ]);
  const done = ticks.map(({ run }) => run!);
  expect(runs.flatMap(({ run }) => (run.state === "done" ? [run.id] : [])).sort()).toEqual(done.toSorted());
  for (const { run, readings } of runs) {
    expect(["done", "lost"]).toContain(run.state);
    // Of a run that was lost nothing is kept.
    expect(readings.map(({ cell, metric }) => `${cell}.${metric}`)).toEqual(run.state === "done" ? ["load.rows"] : []);
  }

  expect(outcome.alerts.map(({ state }) => state)).toEqual(["resolved"]);
  expect(deliveries.map(({ title, state, run }) => [title, state, run])).toEqual([
    ["checks: 1 firing", "delivered", done[0]],
    ["checks: 1 resolved", "delivered", done[1]],
  ]);
  const came = receiver.received.map(({ headers, body }) => ({ key: headers["webhook-id"], body }));
  const repetitionsAside = came.filter(({ key }, index) => key !== came[index - 1]?.key);
  expect(repetitionsAside.map(({ key }) => key)).toEqual(deliveries.map(({ id }) => id));
  expect(new Set(came.map(({ body }) => body)).size).toBe(2);

  expect(outcome.revisions.map(({ number, source }) => [number, source.run])).toEqual([
    [1, done[0]],
    [2, done[1]],
  ]);
  const left = await leftFiles(folder);
  expect(left.revisions).toEqual(["1", "2"]);
  expect(left.runs.filter((name) => !name.endsWith(".json.gz"))).toEqual([]);
  expect(left.runs).toEqual(expect.arrayContaining(done.map((run) => `${run}.json.gz`)));
}

/** Each kill in a copy of its own. @returns what does not hold after it */
async function problemsOf(
  workspace: string,
  kills: readonly Kill[],
  round: (kill: Kill, folder: string, receiver: WebhookReceiver) => Promise<void>,
): Promise<string[]> {
  console.log(`${kills.length} kills:\n  ${kills.map(({ step, side }) => `${side} ${step}`).join("\n  ")}`);
  const left = [...kills];
  const problems: string[] = [];
  const next = async (): Promise<void> => {
    for (let kill = left.shift(); kill !== undefined; kill = left.shift()) {
      const { step, side } = kill;
      try {
        await copied(workspace, (folder, receiver) => round({ step, side }, folder, receiver));
      } catch (error) {
        problems.push(`killed ${side} "${step}": ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return problems;
}

test("killed exactly at a step of runs, messages and revisions: one result, one message for each change, one revision, nothing stuck", {
  timeout: LONGEST_MILLIS,
}, async () => {
  const random = seededRandom("kills at steps");
  const steps = await copied(job.folder, async (folder, receiver) => {
    const undisturbed = await stepsOf(folder, settled);
    await expectWhole(undisturbed.done, receiver, folder);
    expect(receiver.received).toHaveLength(2);
    return undisturbed.steps;
  });
  console.log(`${steps.length} steps:\n  ${steps.join("\n  ")}`);
  const problems = await problemsOf(job.folder, chosen(steps, random), async (kill, folder, receiver) => {
    await killAt(folder, kill);
    const server = await startServer({ folder });
    try {
      await expectWhole(await settled(server), receiver, folder);
    } finally {
      await server.stop();
    }
  });
  expect(problems).toEqual([]);
});

test("killed exactly at a step of a promotion, which is then asked for again: the job is in force, and its file as well", {
  timeout: LONGEST_MILLIS,
}, async () => {
  const random = seededRandom("kills at steps of a promotion");
  const { steps } = await copied(before, (folder) => stepsOf(folder, promoteHourly));
  // What a server does at its start is not the promotion's.
  const own = steps.slice(steps.findIndex((step) => step.includes("versions")));
  console.log(`${own.length} steps:\n  ${own.join("\n  ")}`);
  const problems = await problemsOf(before, chosen(own, random), async (kill, folder) => {
    await killAt(folder, kill, promoteHourly);
    const server = await startServer({ folder });
    try {
      const promoted = await promoteHourly(server);
      const { versions } = await server.ask<VersionList>("/api/jobs/checks/versions");
      // Who asks again gets the same content; a version that never was in force may stand before it.
      expect(promoted).toMatchObject({ version: versions[0]!.number, hash: versions[0]!.hash, problem: null });
      expect(new Set(versions.map(({ hash }) => hash)).size).toBe(1);
      expect(promoted.nextTimes).toHaveLength(5);
      expect(await readdir(path.join(folder, "jobs"))).toEqual(["checks.yaml"]);
    } finally {
      await server.stop();
    }
  });
  expect(problems).toEqual([]);
});
