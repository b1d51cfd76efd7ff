import { expect, test } from "vitest";
import { addressClass } from "../../../server/alerts/address-class.ts";
import { AddressRefused, checkedAddresses } from "../../../server/alerts/checked-address.ts";

test.each<[string, string[]]>([
  ["public", ["1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "2606:4700::1"]],
  ["private", ["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"]],
  ["private", ["100.64.0.1", "100.127.255.255", "198.18.0.1", "::1", "0:0:0:0:0:0:0:1", "fc00::1", "fd12:3456::1"]],
  ["never", ["0.0.0.0", "0.1.2.3", "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.9"]],
  ["never", ["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]],
  [
    "never",
    ["::", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "100::1", "4000::1"],
  ],
  // Mapped, NAT64 and 6to4 addresses are what they lead to.
  ["private", ["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::"]],
  ["never", ["::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::127.0.0.1"]],
  ["never", ["64:ff9b:1::1.1.1.1", "::7f00:1"]],
  ["public", ["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"]],
])("%s: %j", (expected, addresses) => {
  expect(addresses.map((address) => [address, addressClass(address)])).toEqual(addresses.map((one) => [one, expected]));
});

const resolvesTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
const refusal = async (host: string, allowPrivate: boolean, ...addresses: string[]) => {
  const error = await checkedAddresses(host, allowPrivate, resolvesTo(...addresses)).catch((caught: unknown) => caught);
  return error instanceof AddressRefused ? error.message : error;
};

test("an address in decimal, octal, hexadecimal or short form is the one that it means", async () => {
  for (const host of ["2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "①②⑦.0.0.1"]) {
    const { hostname } = new URL(`http://${host}/`);
    expect([host, await refusal(hostname, false)]).toEqual([
      host,
      expect.stringMatching(/^Nothing is sent to 127\.0\.0\.1: .*allow_private: true/),
    ]);
  }
  for (const host of ["[::ffff:127.0.0.1]", "[::1]", "[fd00::1]"])
    expect(await refusal(new URL(`http://${host}/`).hostname, false)).toContain("private network");
});

test("a name is refused for any forbidden address among its addresses, and told with it", async () => {
  expect(await refusal("hooks.example.com", false, "1.1.1.1", "10.0.0.7")).toContain(
    "hooks.example.com, that is 10.0.0.7:",
  );
  expect(await refusal("localhost.", false, "127.0.0.1")).toContain("that is 127.0.0.1");
  expect(await refusal("hooks.example.com", false, "2606:4700::1", "1.1.1.1")).toEqual([
    { address: "1.1.1.1", family: 4 },
    { address: "2606:4700::1", family: 6 },
  ]);
  expect(await refusal("nowhere.example.com", false)).toBe("nowhere.example.com has no address.");
});

test("allow_private opens this machine and private networks, but never cloud metadata, multicast or the unspecified", async () => {
  expect(await refusal("receiver.internal", true, "10.0.0.7")).toEqual([{ address: "10.0.0.7", family: 4 }]);
  expect(await refusal("127.0.0.1", true)).toEqual([{ address: "127.0.0.1", family: 4 }]);
  for (const address of ["169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[::ffff:169.254.169.254]", "[::]"])
    expect(await refusal(new URL(`http://${address}/`).hostname, true)).toContain("link-local, multicast or reserved");
});
