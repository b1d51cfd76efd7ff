import { z } from "zod";
import { alertState, closedAs, observation } from "../alerts/alert.ts";
import { mark } from "../monitoring/mark.ts";

const remark = z.object({ by: z.string(), at: z.string(), comment: z.string() });

/** An alert: one episode of one value, cell or job. Times are ISO 8601 UTC. */
export const alertView = z.object({
  id: z.string(),
  job: z.string(),
  /** `value`: of one metric; `cell`: it has no data or an error; `job`: its runs have. */
  level: z.enum(["value", "cell", "job"]),
  cell: z.string().nullable(),
  kind: z.string().nullable(),
  metric: z.string().nullable(),
  subject: z.string().nullable(),
  slice: z.string().nullable(),
  /** "PSI of amount in score_drift, country = DE". */
  title: z.string(),
  state: alertState,
  since: z.string(),
  firedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** The last run that had to do with it. */
  run: z.string(),
  version: z.int(),
  /** Failing and good runs in a row, and how many fire and resolve it. */
  bad: z.int(),
  good: z.int(),
  needed: z.int(),
  unmeasuredRuns: z.int(),
  observation: observation.nullable(),
  /** "0.310 (95% interval 0.300–0.320, n 5,000), fail above 0.25"; null without a value. */
  value: z.string().nullable(),
  /** Of its failing runs the one that was furthest past the bound; null where it is not about a value. */
  worst: z.object({ value: z.string(), at: z.string(), reading: z.string() }).nullable(),
  reason: z.string().nullable(),
  /** Of the last message about it. */
  toldAt: z.string().nullable(),
  silencedUntil: z.string().nullable(),
  acknowledged: remark.nullable(),
  closed: remark.extend({ as: closedAs, mark: z.string().nullable() }).nullable(),
});
export type AlertView = z.infer<typeof alertView>;

/**
 * `open`: neither ended nor closed nor calm. `history`: ended or closed, of those that fired. The others are states, or
 * say what was done with open ones.
 */
export const alertFilter = z.enum([
  "open",
  "history",
  "all",
  "firing",
  "pending",
  "recovering",
  "no-data",
  "error",
  "silenced",
  "acknowledged",
]);
export type AlertFilter = z.infer<typeof alertFilter>;

/** What a job's alerts were worth: of those that people closed, how many were false. */
export const alertRecord = z.object({
  job: z.string(),
  fired: z.int(),
  closed: z.int(),
  falseAlarms: z.int(),
});
export type AlertRecord = z.infer<typeof alertRecord>;

const silencePlace = {
  /** Null: all of the job. */
  cell: z.string().nullable(),
  /** Null: all of the cell. With a metric, null is a subject or slice like any other. */
  metric: z.string().nullable(),
  subject: z.string().nullable(),
  slice: z.string().nullable(),
};
/** A time in which nobody is told of a job, a cell of it, one value, or one alert. */
export const silence = z.object({
  id: z.string(),
  job: z.string(),
  /** Of this alert alone; null for the others. */
  alert: z.string().nullable(),
  ...silencePlace,
  /** "PSI of amount in score_drift (daily)". */
  title: z.string(),
  state: z.enum(["planned", "in force", "ended"]),
  from: z.string(),
  until: z.string(),
  comment: z.string(),
  by: z.string(),
});
export type Silence = z.infer<typeof silence>;
export const silenceList = z.object({ zone: z.string(), silences: z.array(silence) });
export type SilenceList = z.infer<typeof silenceList>;

/** What of a job can be silenced: its cells, and the values that its last run measured. */
export const silenceSubjects = z.object({
  cells: z.array(
    z.object({
      cell: z.string(),
      values: z.array(
        z.object({
          title: z.string(),
          metric: z.string(),
          subject: z.string().nullable(),
          slice: z.string().nullable(),
        }),
      ),
    }),
  ),
});
export type SilenceSubjects = z.infer<typeof silenceSubjects>;

export const alertList = z.object({
  zone: z.string(),
  /** Newest first. */
  alerts: z.array(alertView),
  /** Of all jobs that ever fired. */
  records: z.array(alertRecord),
  /** In force or planned. */
  silences: z.array(silence),
  /** Of each job the alert on a value that fired and ended last. */
  past: z.array(
    z.object({ job: z.string(), alert: z.string(), title: z.string(), firedAt: z.string(), endedAt: z.string() }),
  ),
});
export type AlertList = z.infer<typeof alertList>;

/** An attempt to deliver. `unknown`: it was interrupted and may have arrived. */
export const attempt = z.object({
  at: z.string(),
  durationMillis: z.number().nullable(),
  outcome: z.enum(["delivered", "failed", "unknown"]),
  /** HTTP or SMTP status. */
  status: z.int().nullable(),
  message: z.string().nullable(),
});
/** A message to one destination. Its id is the idempotency key that receivers see. */
export const delivery = z.object({
  id: z.string(),
  destination: z.string(),
  job: z.string().nullable(),
  run: z.string().nullable(),
  title: z.string(),
  /** `failed`: given up after a day; it can be redelivered. */
  state: z.enum(["waiting", "delivered", "failed"]),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  /** Of the next attempt, while it waits. */
  nextAt: z.string().nullable(),
  /** Oldest first. */
  attempts: z.array(attempt),
});
export type Delivery = z.infer<typeof delivery>;
export const deliveryList = z.object({ zone: z.string(), deliveries: z.array(delivery) });
export type DeliveryList = z.infer<typeof deliveryList>;

export const alertEvent = z.object({
  at: z.string(),
  act: z.enum(["state", "told again", "acknowledged", "silenced", "closed"]),
  from: alertState,
  to: alertState,
  run: z.string().nullable(),
  /** `sent`: a message was written; `silenced`: a silence withheld it. */
  notice: z.enum(["sent", "silenced", "none"]),
  by: z.string().nullable(),
  /** The reason, or the comment of who did it. */
  text: z.string().nullable(),
  observation: observation.nullable(),
});
export type AlertEvent = z.infer<typeof alertEvent>;

export const alertDetail = z.object({
  /** The workspace's, in which times are asked for. */
  zone: z.string(),
  /** In which the page of an alert says its times, as all pages of its job do. */
  jobZone: z.string(),
  alert: alertView,
  /** What would end it; a sentence. */
  resolves: z.string().nullable(),
  /** Oldest first. */
  history: z.array(alertEvent),
  deliveries: z.array(delivery),
  silences: z.array(silence),
  record: alertRecord,
});
export type AlertDetail = z.infer<typeof alertDetail>;

const comment = z.string().trim().max(500).default("");
export const acknowledgeWish = z.object({ comment });
const silenceTime = {
  /** A time as `2026-03-01T22:00`, in the workspace's zone unless it says another; now unless given. */
  from: z.string().optional(),
  /** `2h`, `7d`: counted from its beginning. Either this or `until`. */
  for: z.string().optional(),
  until: z.string().optional(),
  comment: z.string().trim().min(1, "says why, such as: the new model goes live").max(500),
};
export const silenceWish = z.object({
  ...silenceTime,
  job: z.string(),
  cell: silencePlace.cell.default(null),
  metric: silencePlace.metric.default(null),
  subject: silencePlace.subject.default(null),
  slice: silencePlace.slice.default(null),
});
export type SilenceWish = z.input<typeof silenceWish>;
/** This alert alone, its value or cell whatever becomes of the alert, or all of its job. */
export const silenceScope = z.enum(["alert", "value", "cell", "job"]);
export const alertSilenceWish = z.object({ ...silenceTime, scope: silenceScope.default("alert") });
export const closeWish = z.object({
  as: closedAs,
  comment,
  /** With `known-event`: a mark on this stream; its window is the measured one unless given. */
  mark: z
    .object({
      stream: z.string(),
      window: z.string().max(200).optional(),
      note: z.string().trim().min(1).max(200).optional(),
      excludes: z.boolean().default(false),
    })
    .optional(),
});
export type CloseWish = z.input<typeof closeWish>;
export const closeAnswer = z.object({ alert: alertView, mark: mark.nullable() });

/** A destination of driftbook.yaml, without its secrets. */
export const destinationView = z.object({
  name: z.string(),
  type: z.enum(["webhook", "email"]),
  format: z.string(),
  /** The host or address it leads to, or the variable that holds it. */
  target: z.string(),
  signed: z.boolean(),
  allowPrivate: z.boolean(),
  /** Why nothing can be sent there as it stands. */
  problem: z.string().nullable(),
  waiting: z.int(),
  failed: z.int(),
  lastDeliveredAt: z.string().nullable(),
  /** Of the last attempt, where it failed. */
  lastProblem: z.string().nullable(),
});
/** What driftbook.yaml does not have (any more), and jobs name or messages wait for. */
const lostDestination = z.object({
  name: z.string(),
  /** That name it. */
  jobs: z.array(z.string()),
  waiting: z.int(),
  failed: z.int(),
  lastProblem: z.string().nullable(),
});
export const destinationList = z.object({ destinations: z.array(destinationView), lost: z.array(lostDestination) });
export type DestinationList = z.infer<typeof destinationList>;
