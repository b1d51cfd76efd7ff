import process from "node:process";
import { run } from "../kernels/lifecycle/spawn.ts";

const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Asks the desktop to show `link`; resolves to a sentence when it could not. */
export async function openInBrowser(
  link: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | null> {
  const [command, ...before] = OPENERS[process.platform] ?? ["xdg-open"];
  try {
    const done = await run(command, [...before, link], { env: environment, timeoutMillis: 10_000 });
    return done.code === 0 ? null : `${command} could not open the link: ${done.stderr.trim()}`;
  } catch (error) {
    return (error as Error).message;
  }
}
