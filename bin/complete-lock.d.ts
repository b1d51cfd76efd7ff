/** The optional dependencies that a lock file's packages name and that it has no entry for: `[name, version, parent]`. */
export function absentFromLock(packages: Readonly<Record<string, unknown>>): [string, string, string][];
