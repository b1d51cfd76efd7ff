import { withApi } from "./api.ts";
import { type Command, textOption, UsageError } from "./command.ts";
import { writeTo } from "./write-file.ts";

export const evidenceCommand: Command = {
  usage: ["driftbook evidence READING [--job JOB] --out FILE.zip"],
  summary: "All that one number rests on, as a ZIP for an auditor",
  about: [
    "READING   the id of a reading, as its page's address ends",
    "--job     whose it is, where two jobs ask the same",
  ],
  options: { out: { type: "string" }, job: { type: "string" } },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const out = textOption(invocation, "out");
    if (out === undefined) throw new UsageError("Say where to write it: --out evidence.zip");
    return withApi(invocation, invocation.workspace(), async (api) => {
      const id = encodeURIComponent(invocation.positionals[0]!);
      const job = textOption(invocation, "job");
      const of = job === undefined ? "" : `?job=${encodeURIComponent(job)}`;
      const { bytes } = await api.send({ method: "GET", path: `/api/readings/${id}/evidence${of}` });
      await writeTo(out, bytes, { isNew: true });
      invocation.note(`${out}: ${bytes.length} bytes`);
      return 0;
    });
  },
};
