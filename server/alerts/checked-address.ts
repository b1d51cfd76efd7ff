import { lookup as lookUp } from "node:dns/promises";
import { isIP } from "node:net";
import { addressClass } from "./address-class.ts";

export interface Address {
  readonly address: string;
  readonly family: number;
}
/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

/** It must not be sent there. The message says what and where, and what would be right. */
export class AddressRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AddressRefused";
  }
}

export const systemLookup: Lookup = (host) => lookUp(host, { all: true });

/**
 * The addresses that may be connected to: asked for once and checked, so that no later answer of the name server counts.
 * One forbidden address among several refuses the name. At least one; IPv4 first, which more networks can reach.
 * @param host as `URL.hostname` has it: IPv6 in brackets, numbers in dotted form
 * @throws AddressRefused, and what the lookup throws
 */
export async function checkedAddresses(
  host: string,
  allowPrivate: boolean,
  lookup: Lookup = systemLookup,
): Promise<readonly [Address, ...Address[]]> {
  const literal = host.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  const found = family !== 0 ? [{ address: literal, family }] : await lookup(host);
  for (const { address } of found) {
    const refusal = refusalOf(address, allowPrivate, address === literal ? address : `${host}, that is ${address}`);
    if (refusal !== null) throw new AddressRefused(refusal);
  }
  const [first, ...others] = found.toSorted((a, b) => a.family - b.family);
  if (first === undefined) throw new AddressRefused(`${host} has no address.`);
  return [first, ...others];
}

/** Why nothing will ever be sent there as it is written, where that can be told without asking for names; else null. */
export function literalRefusal(host: string, allowPrivate: boolean): string | null {
  const literal = host.replace(/^\[|\]$/g, "");
  return isIP(literal) === 0 ? null : refusalOf(literal, allowPrivate, literal);
}

function refusalOf(address: string, allowPrivate: boolean, where: string): string | null {
  const kind = addressClass(address);
  if (kind === "public" || (kind === "private" && allowPrivate)) return null;
  return kind === "never"
    ? `Nothing is sent to ${where}: it is link-local, multicast or reserved.`
    : `Nothing is sent to ${where}: it is on this machine or in a private network. If it is meant, write allow_private: true at the destination in driftbook.yaml.`;
}
