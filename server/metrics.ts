/** Counters and durations of this process, written as Prometheus text. Labels come from route patterns, so they are few. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

interface Histogram {
  readonly counts: number[];
  sum: number;
  total: number;
}

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();

  countRequest(method: string, route: string, status: number, durationMillis: number): void {
    const key = labels({ method, route, status: String(status) });
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    const routeKey = `method="${method}",route="${escapeLabel(route)}"`;
    let histogram = this.#durations.get(routeKey);
    if (histogram === undefined) {
      histogram = { counts: BOUNDS_SECONDS.map(() => 0), sum: 0, total: 0 };
      this.#durations.set(routeKey, histogram);
    }
    const seconds = durationMillis / 1000;
    for (const [at, bound] of BOUNDS_SECONDS.entries()) if (seconds <= bound) histogram.counts[at]! += 1;
    histogram.sum += seconds;
    histogram.total += 1;
  }

  countIngest(
    stream: string,
    log: string,
    answer: { readonly accepted: number; readonly duplicates: number; readonly quarantined: readonly unknown[] },
  ): void {
    const counts = { accepted: answer.accepted, duplicate: answer.duplicates, quarantined: answer.quarantined.length };
    for (const [outcome, count] of Object.entries(counts)) {
      const key = labels({ stream, log, outcome });
      this.#events.set(key, (this.#events.get(key) ?? 0) + count);
    }
  }

  /** `gauges` are measured by the caller at this moment. */
  render(gauges: readonly Gauge[]): string {
    const lines: string[] = [
      "# HELP driftbook_http_requests_total Requests answered.",
      "# TYPE driftbook_http_requests_total counter",
    ];
    for (const [key, count] of this.#requests) lines.push(`driftbook_http_requests_total${key} ${count}`);
    lines.push(
      "# HELP driftbook_http_request_duration_seconds Time from the request's head to the end of the answer.",
      "# TYPE driftbook_http_request_duration_seconds histogram",
    );
    for (const [key, histogram] of this.#durations) {
      const name = "driftbook_http_request_duration_seconds";
      for (const [at, bound] of BOUNDS_SECONDS.entries())
        lines.push(`${name}_bucket{${key},le="${bound}"} ${histogram.counts[at]}`);
      lines.push(`${name}_bucket{${key},le="+Inf"} ${histogram.total}`);
      lines.push(`${name}_sum{${key}} ${histogram.sum}`, `${name}_count{${key}} ${histogram.total}`);
    }
    lines.push(
      "# HELP driftbook_events_total Events that came over HTTP, by what became of them when they came.",
      "# TYPE driftbook_events_total counter",
    );
    for (const [key, count] of this.#events) lines.push(`driftbook_events_total${key} ${count}`);
    for (const gauge of gauges) {
      lines.push(`# HELP ${gauge.name} ${gauge.help}`, `# TYPE ${gauge.name} ${gauge.type}`);
      for (const { labels: names, value } of gauge.values) lines.push(`${gauge.name}${labels(names ?? {})} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function labels(names: Readonly<Record<string, string>>): string {
  const parts = Object.entries(names).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
