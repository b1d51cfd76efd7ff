import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface WebhookReceiver {
  readonly port: number;
  /** `http://127.0.0.1:PORT/hook` */
  readonly url: string;
  /** All that came whole, whatever was answered. */
  readonly received: Received[];
  /** What the next requests are answered with, in order; then 200. `"stall"` never answers. */
  readonly answers: (number | "stall" | ((request: IncomingMessage, response: ServerResponse) => void))[];
  /** Resolves when so many requests came. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server that keeps what is posted to it. */
export async function webhookReceiver(port = 0): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const answers: WebhookReceiver["answers"] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => {
      body += piece;
    });
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      for (const one of waiting) if (received.length >= one.count) one.resolve();
      const answer = answers.shift() ?? 200;
      if (answer === "stall") return;
      if (typeof answer === "function") answer(request, response);
      else response.writeHead(answer).end(answer < 300 ? "" : "not now");
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/hook`,
    received,
    answers,
    until: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
