import { BlockList, isIP } from "node:net";

/**
 * `public`: anybody may send there. `private`: loopback and private networks, only where driftbook.yaml allows it.
 * `never`: link-local (cloud metadata), multicast, unspecified, reserved, and what hides an address of these.
 */
export type AddressClass = "public" | "private" | "never";

const V4: Readonly<Record<"private" | "never", BlockList>> = {
  private: subnets(
    "ipv4",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "100.64.0.0/10",
    "198.18.0.0/15",
  ),
  never: subnets(
    "ipv4",
    ...["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24"],
    ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ),
};
const V6_PRIVATE = subnets("ipv6", "::1/128", "fc00::/7");
/** Global unicast; the rest is reserved. */
const V6_GLOBAL = subnets("ipv6", "2000::/3");
/** Teredo, benchmarks, ORCHID, documentation. */
const V6_NEVER = subnets(
  "ipv6",
  "2001::/32",
  "2001:2::/48",
  "2001:10::/28",
  "2001:20::/28",
  "2001:db8::/32",
  "3fff::/20",
);

/** @param address IPv4 in dotted form or IPv6, as the resolver or `URL` gives it. @throws RangeError for anything else */
export function addressClass(address: string): AddressClass {
  switch (isIP(address)) {
    case 4:
      return classOfV4(address);
    case 6:
      return classOfV6(address);
    default:
      throw new RangeError(`"${address}" is no IP address.`);
  }
}

function classOfV4(address: string): AddressClass {
  if (V4.never.check(address, "ipv4")) return "never";
  return V4.private.check(address, "ipv4") ? "private" : "public";
}

function classOfV6(address: string): AddressClass {
  const groups = groupsOf(address);
  const hidden = hiddenV4(groups);
  if (hidden !== null) return classOfV4(hidden);
  const plain = groups.map((group) => group.toString(16)).join(":");
  if (V6_PRIVATE.check(plain, "ipv6")) return "private";
  return V6_GLOBAL.check(plain, "ipv6") && !V6_NEVER.check(plain, "ipv6") ? "public" : "never";
}

/** The IPv4 address that a mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) or 6to4 (2002::/16) address leads to. */
function hiddenV4(groups: readonly number[]): string | null {
  const starts = (...prefix: readonly number[]) => prefix.every((group, index) => groups[index] === group);
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  if (starts(0, 0, 0, 0, 0, 0xffff) || starts(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(groups[6]!, groups[7]!);
  return starts(0x2002) ? dotted(groups[1]!, groups[2]!) : null;
}

/** The eight groups of an address that `isIP` accepts. */
function groupsOf(address: string): number[] {
  const bare = address.replace(/%.*$/, "");
  const tail = /\d+\.\d+\.\d+\.\d+$/.exec(bare)?.[0];
  const hex = tail === undefined ? bare : bare.slice(0, -tail.length) + hexOf(tail);
  const [left = "", right] = hex.split("::");
  const read = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [read(left), read(right ?? "")];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function hexOf(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function subnets(type: "ipv4" | "ipv6", ...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, prefix] = range.split("/") as [string, string];
    list.addSubnet(network, Number(prefix), type);
  }
  return list;
}
