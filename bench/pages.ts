/**
 * `node bench/pages.ts`: the pages in a real Chromium over a warm server: first paint of the example notebook with its
 * results, what its JavaScript weighs on the wire, and how long 500 cells take to open.
 */
import { writeFileSync } from "node:fs";
import { openBrowser } from "../test/support/browser.ts";
import { exampleFolder } from "../test/support/example-folder.ts";
import { startServer } from "../test/support/server.ts";

const CELLS = 500;
const ROUNDS = 5;

const { folder, remove } = await exampleFolder();
const many = [
  "---\ndriftbook: 1\n---\n",
  ...Array.from({ length: CELLS / 2 }, (_, at) => [
    `\`\`\`sql name=q${at}\nSELECT ${at} AS n, 'a line of some length' AS words${at === 0 ? "" : ` FROM q${at - 1}`}\n\`\`\`\n\n`,
    `### Part ${at}\n\nA paragraph of **prose** between two queries, as long as such paragraphs usually are.\n\n`,
  ]).flat(),
].join("");
writeFileSync(`${folder}/many.nb.md`, many);
const server = await startServer({ folder });
const browser = await openBrowser();
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
try {
  const first = await browser.page();
  await first.goto(server.link);
  await first.close();

  const paints: number[] = [];
  const results: number[] = [];
  let scripts = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await browser.page();
    // Without the browser's own cache, as at a first visit.
    const protocol = await browser.context.newCDPSession(page);
    await protocol.send("Network.enable");
    await protocol.send("Network.setCacheDisabled", { cacheDisabled: true });
    scripts = 0;
    const isScript = new Set<string>();
    protocol.on(
      "Network.responseReceived",
      ({ requestId, type }) => void (type === "Script" && isScript.add(requestId)),
    );
    protocol.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (isScript.has(requestId)) scripts += encodedDataLength;
    });
    const began = performance.now();
    await page.goto(`${server.origin}/n/fraud.nb.md`);
    await page.locator("db-chart svg").first().waitFor();
    results.push(performance.now() - began);
    paints.push(
      await page.evaluate(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.POSITIVE_INFINITY,
      ),
    );
    await page.waitForTimeout(1500);
    await page.close();
  }
  console.log(
    `example notebook, nothing cached: first paint ${Math.round(median(paints))} ms, first chart ${Math.round(median(results))} ms (medians of ${ROUNDS}); JavaScript on the wire ${Math.round(scripts / 1000)} kB, the editor included`,
  );

  const opens: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const page = await browser.page();
    const began = performance.now();
    await page.goto(`${server.origin}/n/many.nb.md`);
    await page.waitForFunction((count) => document.querySelectorAll("db-cell article").length >= count, CELLS);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    opens.push(performance.now() - began);
    await page.close();
  }
  console.log(`a notebook of ${CELLS} cells: open and drawn after ${Math.round(median(opens))} ms`);
} finally {
  await browser.close();
  await server.stop();
  await remove();
}
