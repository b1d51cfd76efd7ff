import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** 192 random bits in the URL-safe alphabet. */
export function newSecret(): string {
  return randomBytes(24).toString("base64url");
}

/** 60 random bits, lower case letters and digits: for ids that people read aloud. */
export function newId(): string {
  return BigInt(`0x${randomBytes(8).toString("hex")}`)
    .toString(36)
    .padStart(12, "0")
    .slice(-12);
}

/** Constant time in the digest's bytes. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
