/** A refusal of the server: `message` is its sentence, `hint` what would be right. */
export class ApiError extends Error {
  readonly status: number;
  readonly hint: string | null;
  constructor(status: number, message: string, hint: string | null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.hint = hint;
  }
}

/** The answer's JSON. @throws ApiError */
export async function ask<T>(path: string, init: RequestInit & { readonly json?: unknown } = {}): Promise<T> {
  const { json, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (json !== undefined) headers.set("content-type", "application/json");
  let answer: Response;
  try {
    answer = await fetch(path, { ...rest, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) });
  } catch (error) {
    throw new ApiError(0, "The server does not answer.", error instanceof Error ? error.message : null);
  }
  const text = await answer.text();
  if (answer.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  // Signed out: the login page takes over, and comes back here.
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const problem = readProblem(text);
  throw new ApiError(
    answer.status,
    problem.detail ?? problem.title ?? `The server answered ${answer.status}.`,
    problem.hint ?? null,
  );
}

function readProblem(text: string): { detail?: string; title?: string; hint?: string } {
  try {
    return JSON.parse(text) as { detail?: string };
  } catch {
    return {}; // A proxy's page, not ours: the status says it.
  }
}

export const notebookApi = (path: string): string => `/api/notebooks/${encodeURIComponent(path)}`;
