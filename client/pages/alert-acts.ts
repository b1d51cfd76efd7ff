import { html } from "lit";
import type { AlertView, CloseWish } from "../../cells/wire/http-alerts.ts";
import type { WorkspaceView } from "../../cells/wire/http-workspace.ts";
import { ask } from "../api.ts";
import { openForm } from "./job-form.ts";

export const alertApi = (id: string): string => `/api/alerts/${encodeURIComponent(id)}`;
const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();

/** Each resolves to whether it was done. */
export function acknowledge({ id, title }: AlertView): Promise<boolean> {
  return openForm({
    title: "Acknowledge",
    about: `${title}: others see that you look into it, and it is not told again.`,
    fields: html`<label><span>Comment</span><input type="text" name="comment" maxlength="500" placeholder="looking at the new merchant feed" autofocus /></label>`,
    act: "Acknowledge",
    submit: async (data) => {
      await ask(`${alertApi(id)}/acknowledge`, { method: "POST", json: { comment: text(data, "comment") } });
    },
  });
}

export async function close({ id, title }: AlertView): Promise<boolean> {
  const { streams } = await ask<WorkspaceView>("/api/workspace");
  return openForm({
    title: "Close",
    about: `${title}: how it is judged afterwards counts into its job's share of false alarms.`,
    fields: html`<fieldset class="j-group"><legend>It was</legend><div class="j-checks">
        <label class="j-check"><input type="radio" name="as" value="useful" required autofocus /><span>useful</span></label>
        <label class="j-check"><input type="radio" name="as" value="false-alarm" /><span>a false alarm</span></label>
        <label class="j-check"><input type="radio" name="as" value="known-event" /><span>a known event</span></label></div></fieldset>
      <label><span>Comment</span><input type="text" name="comment" maxlength="500" /></label>
      <label><span>A known event can become a mark on a stream</span><select name="stream"><option value="">no mark</option>${streams.map(({ name }) => html`<option value=${name}>${name}</option>`)}</select></label>
      <label class="j-check"><input type="checkbox" name="excludes" /><span>The mark excludes its days from references and KPIs</span></label>`,
    act: "Close the alert",
    submit: async (data) => {
      const [as, stream, comment] = [text(data, "as") as CloseWish["as"], text(data, "stream"), text(data, "comment")];
      const mark =
        as === "known-event" && stream !== ""
          ? { stream, excludes: data.has("excludes"), ...(comment === "" ? {} : { note: comment.slice(0, 200) }) }
          : null;
      const wish: CloseWish = { as, comment, ...(mark === null ? {} : { mark }) };
      await ask(`${alertApi(id)}/close`, { method: "POST", json: wish });
    },
  });
}
