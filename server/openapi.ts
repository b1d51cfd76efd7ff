import { z } from "zod";
import { httpProblem } from "../cells/wire/http-problem.ts";
import type { Route } from "./routes/route.ts";

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the route table; request and answer schemas are the zod schemas that the server parses with. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const address = route.path.replaceAll(/:([a-zA-Z]+)/g, "{$1}");
    paths[address] = { ...paths[address], [route.method.toLowerCase()]: describe(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Driftbook", version, description: "Notebooks and monitoring for automated decisions." },
    paths,
    components: {
      schemas: { Problem: schema(httpProblem, "output") },
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key, dbk_ID.SECRET" },
        cookie: { type: "apiKey", in: "cookie", name: "driftbook" },
      },
    },
  };
}

function describe(route: Route): Json {
  const answers: Json = route.answer === null ? {} : { "application/json": { schema: schema(route.answer, "output") } };
  for (const type of route.answersAlso) answers[type] = {};
  return {
    summary: route.summary,
    security: route.need === "public" ? [] : [{ key: [route.need] }, { cookie: [] }],
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    ...requestBody(route),
    responses: {
      200: { description: "Done", ...(Object.keys(answers).length === 0 ? {} : { content: answers }) },
      default: {
        description: "Refused",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function requestBody(route: Route): Json {
  switch (route.bodyKind) {
    case "none":
      return {};
    case "json":
      return {
        requestBody: { required: true, content: { "application/json": { schema: schema(route.body, "input") } } },
      };
    case "bytes":
    case "stream":
      return { requestBody: { required: true, content: { "*/*": { schema: { type: "string", format: "binary" } } } } };
  }
}

function parameters(part: z.ZodType, where: "path" | "query"): Json[] {
  const object = schema(part, "input");
  const required = new Set((object.required as string[] | undefined) ?? []);
  return Object.entries((object.properties as Json | undefined) ?? {}).map(([name, of]) => ({
    name,
    in: where,
    required: where === "path" || required.has(name),
    schema: of,
  }));
}

function schema(type: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io, unrepresentable: "any" }) as Json;
  return rest;
}
