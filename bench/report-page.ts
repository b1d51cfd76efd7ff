/**
 * `node bench/report-page.ts`: a published page of more than ten charts (of cells and of monitoring views) and five tables,
 * read in a real Chromium: first paint, what it weighs on the wire, and that reading starts no process. `--json` alone
 * prints the figures for other programs.
 */
import process from "node:process";
import { openBrowser } from "../test/support/browser.ts";
import { childProcesses } from "../test/support/child-processes.ts";
import { fillTwentyDays, queryable } from "../test/support/monitored-days.ts";
import { startServer } from "../test/support/server.ts";

const ROUNDS = 7;
const BAR = { firstPaintMillis: 1000, gzipKilobytes: 300 };

const tables = Array.from(
  { length: 5 },
  (_, at) => `
## Part ${at + 1}

A paragraph of prose that says what the table and the charts below it show, as long as such paragraphs usually are.

\`\`\`sql name=daily_${at}
SELECT decided_at::DATE AS day, decision, count(*) AS decisions, avg(score) AS score, quantile_cont(score, 0.${at + 1}) AS q
FROM card_fraud.decisions GROUP BY 1, 2 ORDER BY 1, 2
\`\`\`

\`\`\`ts name=chart_${at}
Plot.plot({title: "Decisions a day", color: {legend: true}, marks: [Plot.lineY(daily_${at}, {x: "day", y: "decisions", stroke: "decision"}), Plot.dot(daily_${at}, {x: "day", y: "decisions", fill: "decision"})]})
\`\`\`

\`\`\`yaml kpi name=kpi_${at}
from: card_fraud
metrics: [precision]
every: 1 day
min_rows: 1
\`\`\`
`,
);
const server = await startServer({
  files: {
    "big.nb.md": `---\ndriftbook: 1\ntitle: Ten charts\nwindow: 2026-03-01/2026-03-21\nheadline: [kpi_0.precision]\n---\n${tables.join("")}`,
  },
});
const browser = await openBrowser();
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
try {
  await fillTwentyDays(server);
  await queryable(server, 1200);
  const began = performance.now();
  await server.ask("/api/reports", { method: "POST", json: { slug: "big", notebook: "big.nb.md" } });
  const publishMillis = performance.now() - began;
  const signIn = await browser.page();
  await signIn.goto(server.link);
  await signIn.close();
  const processes = childProcesses(server.process.pid!, "").length;
  const paints: number[] = [];
  let bytes = 0;
  let shown = { charts: 0, tables: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await browser.page();
    const protocol = await browser.context.newCDPSession(page);
    await protocol.send("Network.enable");
    await protocol.send("Network.setCacheDisabled", { cacheDisabled: true });
    bytes = 0;
    protocol.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${server.origin}/r/big`);
    await page.waitForTimeout(300);
    paints.push(
      await page.evaluate(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.POSITIVE_INFINITY,
      ),
    );
    shown = await page.evaluate(() => ({
      charts: document.querySelectorAll("img.chart:not(.r-narrow *)").length,
      tables: document.querySelectorAll(".r-table > .table").length,
    }));
    await page.close();
  }
  const figures = {
    charts: shown.charts,
    tables: shown.tables,
    firstPaintMillis: Math.round(median(paints)),
    slowestFirstPaintMillis: Math.round(Math.max(...paints)),
    gzipKilobytes: Math.round(bytes / 1000),
    publishMillis: Math.round(publishMillis),
    startedProcesses: Math.max(0, childProcesses(server.process.pid!, "").length - processes),
  };
  if (shown.charts < 10 || shown.tables < 5) throw new Error(`The page shows too little: ${JSON.stringify(figures)}`);
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else {
    process.stdout.write(
      `${figures.charts} charts, ${figures.tables} tables: first paint ${figures.firstPaintMillis} ms (slowest of ${ROUNDS}: ${figures.slowestFirstPaintMillis}; bar ${BAR.firstPaintMillis}), ${figures.gzipKilobytes} kB on the wire (bar ${BAR.gzipKilobytes}), published in ${figures.publishMillis} ms, ${figures.startedProcesses} processes started by reading\n`,
    );
  }
  const passes = figures.firstPaintMillis < BAR.firstPaintMillis && figures.gzipKilobytes <= BAR.gzipKilobytes;
  process.exitCode = passes && figures.startedProcesses === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
}
