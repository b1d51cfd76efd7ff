import type { Mark } from "../../cells/monitoring/mark.ts";
import type { MarkList } from "../../cells/wire/http-marks.ts";
import { type Api, withApi } from "./api.ts";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";
import { tableText } from "./print-table.ts";

export const markCommand: Command = {
  usage: [
    "driftbook mark STREAM WINDOW NOTE [--exclude]",
    "driftbook mark --list STREAM",
    "driftbook mark --remove ID STREAM",
  ],
  summary: "A dated note on a stream, drawn on every chart; it may leave its window out of references and KPIs",
  about: [
    "--exclude    rows of the window leave references and KPIs from now on; an earlier as-of still has them",
    "--list       the stream's marks",
    "--remove ID  from now on; an earlier as-of still sees it",
  ],
  options: { exclude: { type: "boolean" }, list: { type: "boolean" }, remove: { type: "string" } },
  arguments: { min: 1, max: 3 },
  async run(invocation) {
    const act = actOf(invocation);
    return withApi(invocation, invocation.workspace(), async (api) => {
      await act(api);
      return 0;
    });
  },
};

type Act = (api: Api) => Promise<void>;

/** What is asked for. @throws UsageError before anything is opened */
function actOf(invocation: Invocation): Act {
  const [stream, window, note] = invocation.positionals as [string, string?, string?];
  const { list = false, exclude = false } = invocation.values;
  const id = textOption(invocation, "remove");
  const path = `/api/streams/${encodeURIComponent(stream)}/marks`;
  const say = (value: unknown, text: string): void => invocation.print(invocation.json ? JSON.stringify(value) : text);
  if (list === true || id !== undefined) {
    if ((list === true && id !== undefined) || exclude === true || window !== undefined)
      throw new UsageError("Give one of: mark --list STREAM, mark --remove ID STREAM, mark STREAM WINDOW NOTE.");
    return async (api) => {
      if (id === undefined) {
        const { marks } = await api.ask<MarkList>({ method: "GET", path });
        say(marks, listText(marks, stream));
      } else {
        const gone = await api.ask<Mark>({ method: "DELETE", path: `${path}/${encodeURIComponent(id)}` });
        say(gone, `The mark ${gone.id} (${gone.note}) is removed from now on.`);
      }
    };
  }
  if (window === undefined || note === undefined)
    throw new UsageError('A window and a note are missing, such as: driftbook mark card_fraud 2026-03-05 "outage".');
  return async (api) => {
    const made = await api.ask<Mark>({ method: "POST", path, json: { window, note, excludes: exclude === true } });
    const { start, end } = made.window;
    const effect = made.excludes ? " Its rows leave references and KPIs from now on." : "";
    say(made, `Mark ${made.id} on ${stream} from ${start} to ${end}: ${made.note}.${effect}`);
  };
}

function listText(marks: readonly Mark[], stream: string): string {
  if (marks.length === 0) return `${stream} has no marks. Make one with: driftbook mark ${stream} WINDOW NOTE`;
  return tableText(
    ["id", "from", "to", "note", "excludes", "made"],
    marks.map(({ id, window, note, excludes, madeAt }) => [
      id,
      window.start,
      window.end,
      note,
      excludes ? "yes" : "no",
      madeAt,
    ]),
  );
}
