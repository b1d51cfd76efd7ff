import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import type { RunDetail } from "../../../cells/wire/http-jobs.ts";
import { fillTwentyDays, queryable } from "../../support/monitored-days.ts";
import { act, ended, promote, runNow, WATCHED } from "../../support/monitored-job.ts";
import { driftbook, startServer } from "../../support/server.ts";

const LABELS = 1_000_000;
const DAY_MILLIS = 86_400_000;

/** Late answers to every decision, most of them other ones than before. */
async function writeLabels(file: string): Promise<void> {
  const stream = createWriteStream(file);
  stream.write("feedback_id,decision_id,label,source,observed_at\n");
  for (let from = 0; from < LABELS; from += 10_000) {
    let text = "";
    for (let at = from; at < from + 10_000; at += 1) {
      const observed = new Date(Date.UTC(2026, 2, 21) + (at % 12) * DAY_MILLIS + at).toISOString();
      text += `late-${at},d-${at % 1200},${at % 3 === 0},chargeback,${observed}\n`;
    }
    if (!stream.write(text)) await new Promise<void>((resolve) => void stream.once("drain", () => resolve()));
  }
  stream.end();
  await finished(stream);
}

const values = ({ readings }: RunDetail) =>
  readings.map(({ id, value, lower, upper, n, verdict }) => [id, value, lower, upper, n, verdict]);

test("a run repeated after a million late labels and a compaction gives the same bytes, while a new run gives others", async () => {
  const server = await startServer({ files: { "watch.nb.md": WATCHED } });
  try {
    await fillTwentyDays(server);
    await queryable(server, 300, "feedback");
    await promote(server, "value", {
      run: "watch.nb.md#caught",
      schedule: "0 6 * * *",
      window: "2026-03-01/2026-03-21",
    });
    await promote(server, "drift", { run: "watch.nb.md#scores", schedule: "0 6 * * *", window: "2026-03-12" });
    const first = { value: await runNow(server, "value"), drift: await runNow(server, "drift") };
    expect(first.value.run).toMatchObject({ state: "done", same: null });
    expect(first.value.readings.find(({ metric }) => metric === "precision")!.n).toBeGreaterThan(0);

    const file = path.join(server.folder, "late.csv");
    await writeLabels(file);
    const loaded = await driftbook(["ingest", "card_fraud", "feedback", file], { cwd: server.folder });
    expect(loaded, loaded.stderr).toMatchObject({ code: 0 });
    await queryable(server, LABELS + 300, "feedback");
    const lake = path.join(server.folder, ".driftbook", "lake", "card_fraud", "feedback");
    // The days are dense now: compaction gives them files of their own.
    for (;;) {
      if ((await readdir(lake)).some((name) => name.startsWith("day="))) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    for (const job of ["value", "drift"] as const) {
      const { runs } = await act(server, job, "replay", { run: first[job].run.id });
      const again = await ended(server, job, runs[0]!);
      expect([job, again.run.state, again.run.same]).toEqual([job, "done", true]);
      expect(values(again)).toEqual(values(first[job]));
    }
    const now = await runNow(server, "value");
    expect(values(now)).not.toEqual(values(first.value));
  } finally {
    await server.stop();
  }
}, 120_000);
