import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const SHORTEST_BYTES = 24;
const LONGEST_BYTES = 64;

/**
 * Headers of the Standard Webhooks specification: the id is the idempotency key and stays, the time is that of the attempt.
 * @throws Error where the secret is none
 */
export function webhookHeaders(
  { id, body, secret }: { readonly id: string; readonly body: string; readonly secret: string | null },
  nowMillis: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMillis / 1000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === null) return headers;
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}

function keyOf(secret: string): Buffer {
  const bytes = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "", "base64");
  if (bytes.length >= SHORTEST_BYTES && bytes.length <= LONGEST_BYTES) return bytes;
  throw new Error(
    `The signing secret is none: expected ${PREFIX} and ${SHORTEST_BYTES} to ${LONGEST_BYTES} bytes in base64.`,
  );
}
