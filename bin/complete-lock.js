// `node bin/complete-lock.js`, after a change of dependencies: adds to the lock file the packages for other platforms that
// the registry at hand did not serve. npm leaves them out silently and `npm ci` then refuses the file. Their versions are
// those that their parents name exactly; a package that is only named by a range cannot be completed and is an error.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "./dependencies.js";

const NAMES = {
  os: ["android", "darwin", "freebsd", "linux", "openharmony", "win32", "aix", "netbsd", "openbsd", "sunos"],
  cpu: ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el"],
};

/** The optional dependencies that a lock file's packages name and that it has no entry for: `[name, version, parent]`. */
export function absentFromLock(packages) {
  const absent = [];
  for (const [parent, entry] of Object.entries(packages))
    for (const [name, version] of Object.entries({ ...entry.optionalDependencies }))
      if (!packages[`node_modules/${name}`] && !packages[`${parent}/node_modules/${name}`])
        absent.push([name, version, parent]);
  return absent;
}

/** What an installer must know to pass a platform's package by: read from its name, as `binding-linux-x64-musl`. */
function platform(name) {
  const words = name.split(/[-/]/);
  const os = NAMES.os.filter((word) => words.includes(word));
  const cpu = NAMES.cpu.filter((word) => words.includes(word));
  if (os.length !== 1 || cpu.length > 1) return null;
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : os[0] === "linux" && words.some((word) => word === "glibc" || word.startsWith("gnu"))
      ? ["glibc"]
      : undefined;
  return { ...(cpu.length === 1 ? { cpu } : {}), ...(libc ? { libc } : {}), os };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = path.join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  for (const [name, version, parent] of absentFromLock(lock.packages)) {
    const place = platform(name);
    if (!/^\d+\.\d+\.\d+/.test(version) || place === null) {
      console.error(`${name} ${version}, named by ${parent}, cannot be completed: install where the registry has it.`);
      process.exit(1);
    }
    const dev = lock.packages[parent]?.dev;
    lock.packages[`node_modules/${name}`] = { version, ...(dev ? { dev } : {}), optional: true, ...place };
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
