import type { Page } from "playwright-core";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { fillTwentyDays } from "./monitored-days.ts";
import { startServer, type TestServer } from "./server.ts";

export interface MonitoredPage {
  readonly server: TestServer;
  readonly browser: TestBrowser;
  /** Signed in. */
  readonly page: Page;
  close(): Promise<void>;
}

/** A page on a server whose workspace has these files and twenty days of `card_fraud`. */
export async function openMonitored(files: Readonly<Record<string, string>>): Promise<MonitoredPage> {
  const server = await startServer({ files });
  let browser: TestBrowser | null = null;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.stop();
  };
  try {
    await fillTwentyDays(server);
    browser = await openBrowser();
    const page = await browser.page();
    await page.goto(server.link);
    return { server, browser, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}
