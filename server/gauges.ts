import process from "node:process";
import { lostDestinations } from "./alerts/lost-destinations.ts";
import type { Gauge } from "./metrics.ts";
import type { Services } from "./services.ts";

/** What `/metrics` measures at the moment of asking. */
export async function gauges(services: Services, nowMillis: number = Date.now()): Promise<Gauge[]> {
  const { workspace } = services;
  const health = workspace.health();
  const streams = workspace.contracts.list().map(({ stream }) => ({ stream, figures: workspace.figures(stream) }));
  const perStream = (
    name: string,
    help: string,
    type: Gauge["type"],
    value: (figures: NonNullable<(typeof streams)[0]["figures"]>) => number | null,
  ): Gauge => ({
    name,
    help,
    type,
    values: streams.flatMap(({ stream, figures }) => {
      const found = figures === null ? null : value(figures);
      return found === null ? [] : [{ labels: { stream }, value: found }];
    }),
  });
  const lost = lostDestinations(services);
  const age = (iso: string | null) => (iso === null ? null : (nowMillis - Date.parse(iso)) / 1000);
  return [
    single("driftbook_loader_lag_bytes", "Accepted records that are not loaded yet.", health.lagBytes),
    single(
      "driftbook_loader_restarts_total",
      "How often the loader was started again.",
      health.loaderRestarts,
      "counter",
    ),
    single("driftbook_loader_up", "1 while the loader runs without a problem.", health.loaderProblem === null ? 1 : 0),
    single("driftbook_lake_problems", "Parts that are missing or damaged.", health.problems.length),
    perStream("driftbook_decisions_loaded", "Decisions in the lake.", "gauge", (one) => one.decisions),
    perStream("driftbook_feedback_loaded", "Pieces of feedback in the lake.", "gauge", (one) => one.feedback),
    perStream(
      "driftbook_quarantined",
      "Events in quarantine that were not replayed.",
      "gauge",
      (one) => one.quarantined,
    ),
    perStream(
      "driftbook_duplicates_total",
      "Duplicates that were found while loading.",
      "counter",
      (one) => one.duplicates,
    ),
    perStream("driftbook_last_recorded_age_seconds", "Time since the last accepted event.", "gauge", (one) =>
      age(one.lastRecordedAt),
    ),
    single("driftbook_server_memory_bytes", "Resident memory of the server process.", process.memoryUsage.rss()),
    {
      name: "driftbook_alerts_open",
      help: "Alerts that neither ended nor were closed, by state.",
      type: "gauge",
      values: Object.entries(services.alerts.store.openByState()).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      name: "driftbook_alert_messages",
      help: "Messages that wait for their destination, or were given up; also of one that driftbook.yaml lost.",
      type: "gauge",
      values: [...services.settings.destinations, ...lost].flatMap(({ name: destination }) => {
        const { waiting, failed } = services.alerts.store.outbox.counts(destination);
        return Object.entries({ waiting, failed }).map(([state, value]) => ({ labels: { destination, state }, value }));
      }),
    },
    single("driftbook_destinations_lost", "Named by jobs or awaited by messages, not in driftbook.yaml.", lost.length),
    single("driftbook_notebooks_open", "Notebooks with a session.", services.notebooks.count),
  ];
}

function single(name: string, help: string, value: number, type: Gauge["type"] = "gauge"): Gauge {
  return { name, help, type, values: [{ value }] };
}
