import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import path from "node:path";
import { z } from "zod";
import { parseYaml } from "../cells/yaml/read-yaml.ts";
import { sizeBytes } from "../workspaces/contracts/quantities.ts";
import { type Destination, destinationSpecs, toDestinations } from "./alerts/destination.ts";
import { environmentName } from "./environment-name.ts";

const size = z.string().refine((text) => sizeBytes(text) !== null, "expected a size like 4 GB");
const zone = z.string().refine(isZone, "expected an IANA time zone like Europe/Berlin");
const address = z
  .string()
  .refine(isWebAddress, "expected an address like https://driftbook.example.com, without a path");

/** driftbook.yaml as people write it; everything has a default. */
export const settingsSchema = z.strictObject({
  zone: zone.optional(),
  url: address.optional(),
  grants: z
    .strictObject({
      hosts: z.array(z.string()).optional(),
      folders: z.array(z.string()).optional(),
      env: z.array(environmentName).optional(),
    })
    .optional(),
  limits: z.strictObject({ memory: size.optional(), temp: size.optional(), keep_free: size.optional() }).optional(),
  destinations: destinationSpecs.optional(),
});

/** driftbook.yaml with every default filled in. */
export interface WorkspaceSettings {
  /** IANA name: windows, schedules and display. */
  readonly zone: string;
  /** Origin under which browsers reach the server through a proxy. */
  readonly url: string | null;
  readonly grants: {
    readonly hosts: readonly string[];
    readonly folders: readonly string[];
    readonly env: readonly string[];
  };
  readonly limits: { readonly memoryBytes: number; readonly tempBytes: number; readonly keepFreeBytes: number };
  /** Where messages of alerts go. */
  readonly destinations: readonly Destination[];
}

export type SettingsRead =
  | { readonly ok: true; readonly settings: WorkspaceSettings; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly text: string };

/** Problems name the line, the key and the nearest valid one. @throws only where the file cannot be read at all. */
export async function readSettings(folder: string): Promise<SettingsRead> {
  const text = await readFile(path.join(folder, "driftbook.yaml"), "utf8");
  const read = parseYaml(text, settingsSchema);
  if (!read.ok) {
    const lines = read.problems.map(({ line, message }) => `line ${line}: ${message}`);
    return { ok: false, problem: lines.join("\n"), text };
  }
  return { ok: true, settings: toSettings(read.value, folder), text };
}

/** All defaults of driftbook.yaml, in this one place. */
function toSettings(
  { zone: named, url, grants, limits, destinations }: z.output<typeof settingsSchema>,
  folder: string,
): WorkspaceSettings {
  return {
    zone: named ?? "UTC",
    url: url === undefined ? null : new URL(url).origin,
    grants: {
      hosts: grants?.hosts ?? [],
      folders: (grants?.folders ?? []).map((one) => path.resolve(folder, one)),
      env: grants?.env ?? [],
    },
    limits: {
      // Half of a small machine, so that two notebooks and the loader still fit beside each other.
      memoryBytes: sizeBytes(limits?.memory ?? "") ?? Math.min(4e9, Math.floor(totalmem() / 2)),
      tempBytes: sizeBytes(limits?.temp ?? "") ?? 20e9,
      keepFreeBytes: sizeBytes(limits?.keep_free ?? "") ?? 5e9,
    },
    destinations: toDestinations(destinations ?? {}),
  };
}

/** In force while driftbook.yaml cannot be understood: nothing is granted. */
export const DEFAULT_SETTINGS: WorkspaceSettings = toSettings({}, "/");

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // Intl throws for what is no zone; that is the answer.
  }
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.pathname === "/" &&
    url.search === "" &&
    url.username === ""
  );
}
