import { z } from "zod";

/** RFC 9457: every refused request is answered with this as `application/problem+json`. */
export const httpProblem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What, where and what would be right, as one or two sentences. */
  detail: z.string(),
  /** Also in the server's log line. */
  requestId: z.string(),
  hint: z.string().optional(),
  /** One entry for each part of the request that is wrong: `path` as `body.asOf`. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type HttpProblem = z.infer<typeof httpProblem>;

/** `GET /api/health`, the one route without a credential that scripts use. */
export const health = z.object({ status: z.enum(["ok", "degraded"]), version: z.string() });
export type Health = z.infer<typeof health>;
