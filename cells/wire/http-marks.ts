import { z } from "zod";
import { mark } from "../monitoring/mark.ts";

/** `POST /api/streams/{stream}/marks`; the window as people write it, resolved now and in the workspace's zone. */
export const markRequest = z.object({
  window: z.string().min(1).max(200),
  note: z.string().trim().min(1).max(200),
  excludes: z.boolean().default(false),
});
/** `GET /api/streams/{stream}/marks`, by the start of their windows; `zone` is the workspace's. */
export const markList = z.object({ zone: z.string(), marks: z.array(mark) });
export type MarkList = z.infer<typeof markList>;
