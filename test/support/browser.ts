import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** The browser that `npm test` found, or the first on the PATH. */
function chromiumPath(): string {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return named;
  for (const folder of (process.env.PATH ?? "").split(path.delimiter))
    for (const name of NAMES) if (existsSync(path.join(folder, name))) return path.join(folder, name);
  throw new Error("No Chromium: run npm test, which finds or installs one, or name it in CHROMIUM_PATH.");
}

export interface TestBrowser {
  readonly context: BrowserContext;
  /** A new tab whose errors are collected. */
  page(): Promise<Page>;
  /** Errors of all tabs so far: uncaught ones, and what the console called an error. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** A real browser with a profile of its own. */
export async function openBrowser(
  options: { readonly width?: number; readonly height?: number; readonly dark?: boolean } = {},
): Promise<TestBrowser> {
  const profile = await mkdtemp(path.join(tmpdir(), "driftbook-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.dark ? "dark" : "light",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
  context.setDefaultTimeout(15_000);
  const errors: string[] = [];
  return {
    context,
    errors,
    async page() {
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      return page;
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

const axeSource = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds serious on the page as it stands, with the element concerned. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axeSource, "utf8"));
  const found = (await page.evaluate("axe.run(document, {resultTypes: ['violations']})")) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
