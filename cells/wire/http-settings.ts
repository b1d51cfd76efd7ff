import { z } from "zod";
import { instant } from "../session/operation.ts";

/** What a key may do: `ingest:card_fraud`, `read`, `admin`. */
export const scope = z.string().regex(/^(ingest:[a-z][a-z0-9_]{0,62}|read|admin)$/, {
  error: (issue) => `"${String(issue.input)}" is not a scope; write ingest:STREAM, read or admin`,
});
export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  ratePerSecond: z.int(),
});
export type KeyView = z.infer<typeof keyView>;
export const keyList = z.object({ keys: z.array(keyView) });
export const keyCreate = z.object({
  name: z.string().max(100).default(""),
  scopes: z.array(scope).min(1),
  /** `90d`, `12h`, or absent for never. */
  expires: z.string().optional(),
  ratePerSecond: z.int().min(1).max(100_000).default(1000),
});
/** `secret` is the whole key; it is shown this once. */
export const keyCreated = z.object({ key: keyView, secret: z.string() });

export const browserSession = z.object({
  id: z.string(),
  createdAt: instant,
  lastSeenAt: instant,
  expiresAt: instant,
  address: z.string(),
  agent: z.string(),
  current: z.boolean(),
});
export const sessionList = z.object({ sessions: z.array(browserSession) });

export const auditEntry = z.object({
  id: z.int(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  address: z.string(),
  requestId: z.string(),
  details: z.json(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditList = z.object({ entries: z.array(auditEntry), nextBefore: z.int().nullable() });

export const storageUse = z.object({
  total: z.int(),
  freeOnDisk: z.int(),
  parts: z.array(z.object({ name: z.string(), bytes: z.int(), files: z.int(), about: z.string() })),
  /** Bytes that `DELETE /api/storage/{name}` would give back now. */
  freeable: z.array(z.object({ name: z.string(), bytes: z.int(), about: z.string() })),
});
export type StorageUse = z.infer<typeof storageUse>;
export const storageFreed = z.object({ bytes: z.int() });

export const settingsView = z.object({
  file: z.string(),
  text: z.string(),
  zone: z.string(),
  url: z.string().nullable(),
  problem: z.string().nullable(),
  version: z.string(),
  node: z.string(),
});
