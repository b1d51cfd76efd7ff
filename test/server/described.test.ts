import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../server/routes/table.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { decision } from "../support/workspace-folder.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<
    string,
    Record<string, { summary: string; responses: Record<string, unknown>; parameters?: { name: string }[] }>
  >;
}

test("the OpenAPI document holds every route of the API, with a summary, its parameters and its answers", async () => {
  const document = await server.ask<OpenApi>("/openapi.json");
  expect(document.openapi).toMatch(/^3\./);
  for (const route of routes.filter(({ path }) => path.startsWith("/api/"))) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    const operation = document.paths[path]?.[route.method.toLowerCase()];
    expect([path, operation?.summary]).toEqual([path, expect.stringMatching(/\S/)]);
    expect(Object.keys(operation!.responses).length).toBeGreaterThan(0);
    for (const [, name] of route.path.matchAll(/:(\w+)/g))
      expect(operation!.parameters?.map((parameter) => parameter.name)).toContain(name);
  }
});

test("the metrics are Prometheus text and count what came in", async () => {
  const value = async (name: RegExp): Promise<number> => {
    const text = await (await server.request("/metrics")).text();
    for (const line of text.split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .*|\w+(\{[^}]*\})? [-+.\deInfNa]+|)$/);
    return text
      .split("\n")
      .filter((line) => name.test(line))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  const accepted = /^driftbook_events_total\{[^}]*outcome="accepted"/;
  const before = await value(accepted);
  await server.ask("/api/streams/card_fraud/decisions", { method: "POST", json: [decision("m-1"), decision("m-2")] });
  expect(await value(accepted)).toBe(before + 2);
});
