import { createHash } from "node:crypto";
import { strToU8, zip } from "fflate";
import type { Version } from "../../cells/jobs/version.ts";
import type { Measurement } from "../../cells/results/measurement.ts";
import type { Reading } from "../../cells/results/reading.ts";
import type { Run } from "../../cells/wire/http-jobs.ts";
import type { AuditEntry } from "../../cells/wire/http-settings.ts";

export interface EvidenceParts {
  readonly reading: Reading;
  readonly measurement: Measurement;
  /** Where a job measured it. */
  readonly run: Run | null;
  readonly version: Version | null;
  /** What was done to the notebook, the job or the streams that it came from. */
  readonly audit: readonly AuditEntry[];
  readonly zone: string;
}

/**
 * All that one number rests on, as a ZIP for an auditor: the reading, the cell's text, the statements that were asked,
 * contracts, marks, packages, row counts, audit entries, and a list of checksums. The same evidence is the same bytes.
 */
export async function evidenceOf(parts: EvidenceParts): Promise<Uint8Array> {
  const { reading, measurement, run, version, audit } = parts;
  const { statements, contracts, marks, ...about } = measurement;
  const files: Record<string, string> = {
    "README.txt": readme(parts),
    "reading.json": json(reading),
    "measurement.json": json(about),
    "cell.nb.md": measurement.version.text,
    "inputs.json": json(measurement.version.set),
    "statements.sql": statements.map(({ title, sql }) => `-- ${title}\n${sql};\n`).join("\n"),
    "marks.json": json(marks),
    "audit.json": json(audit),
    ...Object.fromEntries(contracts.map((one) => [`contracts/${one.stream}.json`, json(one)])),
    ...(run === null ? {} : { "run.json": json(run) }),
    ...(version === null
      ? {}
      : { "version.json": json({ ...version, frozen: { ...version.frozen, text: undefined } }) }),
    ...(version?.frozen.lock == null ? {} : { "packages.json": version.frozen.lock }),
  };
  const names = Object.keys(files).sort();
  files.SHA256SUMS = names
    .map((name) => `${createHash("sha256").update(files[name]!).digest("hex")}  ${name}\n`)
    .join("");
  // A fixed time: what is the same is the same file.
  const entries = Object.fromEntries([...names, "SHA256SUMS"].map((name) => [name, strToU8(files[name]!)] as const));
  return new Promise((resolve, reject) => {
    zip(entries, { mtime: new Date(2020, 0, 1), level: 6 }, (error, bytes) =>
      error === null ? resolve(bytes) : reject(error),
    );
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function readme({ reading, measurement, run, version, zone }: EvidenceParts): string {
  const what = [reading.metric, reading.subject, reading.slice].filter((part) => part !== null).join(", ");
  const interval = reading.lower === null ? "" : ` (95 % interval ${reading.lower} to ${reading.upper})`;
  const inputs =
    run?.inputs.map(
      ({ stream, decisions, feedback, snapshot }) =>
        `${stream}: ${decisions} decisions and ${feedback} pieces of feedback loaded, snapshot ${snapshot}`,
    ) ?? [];
  return `Evidence for one number of Driftbook

${what}: ${reading.value ?? "no value"}${interval}
Verdict: ${reading.verdict}${reading.reason === null ? "" : `, ${reading.reason}`}
Definition: ${reading.definition}, convention ${reading.convention}, n ${reading.n}
Window: ${reading.window?.join(" to ") ?? "all of time"} (UTC, half-open; the workspace's zone is ${zone})
As of: ${reading.asOf}
${measurement.dueAt === undefined ? "" : `Due at: ${measurement.dueAt}, which relative windows count from\n`}Cell: ${measurement.cell} of ${measurement.notebook}, version ${measurement.version.hash}
${version === null ? "" : `Job version: ${version.number} (${version.hash}), promoted ${version.madeAt} by ${version.madeBy}${version.commit === null ? "" : `, commit ${version.commit}`}\n`}${run === null ? "" : `Run: ${run.id} of ${run.job}, ended ${run.endedAt}\n`}${inputs.map((line) => `Read: ${line}\n`).join("")}Program: Driftbook ${measurement.program.driftbook}, ${measurement.program.engine}

reading.json      the number with its interval, bounds, bins and sums
measurement.json  when and over what it was measured
cell.nb.md        the cell and all that it reads, as a notebook that runs by itself
inputs.json       values of its inputs
statements.sql    what the engine was asked, in order
contracts/        the streams' contracts as they were
marks.json        dated notes that counted
audit.json        who did what to the notebook, the job and the streams
SHA256SUMS        check with: sha256sum -c SHA256SUMS
`;
}
