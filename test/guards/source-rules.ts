import path from "node:path";
import { parse } from "@babel/parser";

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const ROOMS = ["cells", "kernels", "workspaces", "server", "client"] as const;
type Room = (typeof ROOMS)[number];

/** What each room may import beside itself. The compiler refuses the rest as well; here it is told in words. */
const MAY_IMPORT: Record<Room, readonly Room[]> = {
  cells: [],
  kernels: ["cells"],
  workspaces: ["cells", "kernels"],
  server: ["cells", "kernels", "workspaces"],
  client: ["cells"],
};

/** Packages that only one file may import. */
const ONE_IMPORTER: readonly { readonly module: RegExp; readonly file: string }[] = [
  { module: /^(?:node:)?child_process$/, file: "kernels/lifecycle/spawn.ts" },
  { module: /^@duckdb\/node-(?:api|bindings)/, file: "kernels/duckdb/duckdb.ts" },
];

const READS_ENVIRONMENT = new Set(["server/configuration.ts"]);

/** Every breach of the house's rules in these files, as `path: sentence`. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => breachesOf(file).map((breach) => `${file.path}: ${breach}`));
}

export function roomOf(file: string): Room | null {
  return ROOMS.find((room) => file.startsWith(`${room}/`)) ?? null;
}

function breachesOf(file: SourceFile): string[] {
  const room = roomOf(file.path);
  if (room === null) return [];
  const found: string[] = [];
  if (/^(?:utils?|helpers?|commons?|misc)$/.test(path.posix.basename(file.path).replace(/\.\w+$/, ""))) {
    found.push("a file is named for what it exports, not utils, helpers or common");
  }
  const tree = parse(file.text, { sourceType: "module", plugins: ["typescript"], errorRecovery: true });
  walk(tree.program, (node) => {
    const imported = importOf(node);
    if (imported !== null) found.push(...importBreaches(file.path, room, imported));
    if (isMember(node, "process", "env") && !READS_ENVIRONMENT.has(file.path)) {
      found.push("process.env is read in server/configuration.ts only");
    }
    if (room === "cells" && isClockOrChance(node)) {
      found.push("cells have no clock and no randomness: the time or the number comes in as an argument");
    }
  });
  return found;
}

function importBreaches(file: string, room: Room, imported: string): string[] {
  const found: string[] = [];
  for (const { module, file: only } of ONE_IMPORTER) {
    if (module.test(imported) && file !== only) found.push(`${imported} is imported by ${only} only`);
  }
  if (
    /^node:|^(?:fs|path|os|url|process|worker_threads|child_process)$/.test(imported) &&
    (room === "cells" || room === "client")
  ) {
    found.push(`${imported} is Node's and has no place in ${room}`);
  }
  if (!imported.startsWith(".")) return found;
  const target = roomOf(path.posix.join(path.posix.dirname(file), imported));
  if (target === room) return found;
  if (target === null) found.push(`${imported} leaves the rooms`);
  else if (!MAY_IMPORT[room].includes(target)) found.push(`${room} may not import from ${target} (${imported})`);
  return found;
}

type Node = Record<string, unknown> & { type: string };

/** The module that a node imports: static, dynamic, re-exported, required, or asked of the process. */
function importOf(node: Node): string | null {
  if (/^(?:Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) return literal(node.source);
  if (node.type === "ImportExpression") return literal(node.source);
  if (node.type === "TSImportType")
    return literal(node.argument) ?? literal((node.argument as Node | undefined)?.literal);
  if (node.type !== "CallExpression") return null;
  const callee = node.callee as Node;
  const asks =
    callee.type === "Import" ||
    callee.name === "require" ||
    isMember(callee, "process", "getBuiltinModule") ||
    isMember(callee, "require", "resolve");
  return asks ? literal((node.arguments as unknown[])[0]) : null;
}

function isClockOrChance(node: Node): boolean {
  if (isMember(node, "Math", "random") || isMember(node, "Date", "now") || isMember(node, "performance", "now"))
    return true;
  if (isMember(node, "crypto", "randomUUID") || isMember(node, "crypto", "getRandomValues")) return true;
  return (
    node.type === "NewExpression" && (node.callee as Node).name === "Date" && (node.arguments as unknown[]).length === 0
  );
}

/** `object.property`, also as `object["property"]` and behind `globalThis`. */
function isMember(node: Node, object: string, property: string): boolean {
  if (node.type !== "MemberExpression" && node.type !== "OptionalMemberExpression") return false;
  const name = (part: unknown) => (part as Node).name ?? literal(part);
  if (name(node.property) !== property) return false;
  const owner = node.object as Node;
  return owner.name === object || (owner.type === "MemberExpression" && name(owner.property) === object);
}

function literal(node: unknown): string | null {
  const value = (node as { value?: unknown } | null | undefined)?.value;
  return typeof value === "string" ? value : null;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
  } else if (typeof value === "object" && value !== null) {
    if (typeof (value as Node).type === "string") visit(value as Node);
    for (const [key, inner] of Object.entries(value)) if (key !== "loc" && key !== "tokens") walk(inner, visit);
  }
}
