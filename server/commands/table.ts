import type { Command } from "./command.ts";
import { keyCommand } from "./key.ts";
import { serveCommand } from "./serve.ts";

export const COMMANDS = {
  serve: serveCommand,
  key: keyCommand,
} as const satisfies Readonly<Record<string, Command>>;
