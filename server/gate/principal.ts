/** What a route asks of whoever calls it. `local` is the command line on this machine, by the secret in server.json. */
export type Need = "public" | "read" | "edit" | "ingest" | "admin" | "local";

/** Whoever passed the gate. A browser session is the workspace's owner: it may do all but what needs `local`. */
export type Principal =
  | { readonly kind: "browser"; readonly id: string }
  | { readonly kind: "key"; readonly id: string; readonly scopes: readonly string[] }
  | { readonly kind: "local" }
  | { readonly kind: "nobody" };

/** The name in the audit log and in an operation's `by`. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case "browser":
      return `browser ${principal.id}`;
    case "key":
      return `key ${principal.id}`;
    case "local":
      return "command line";
    case "nobody":
      return "nobody";
  }
}

/** True where `principal` may do what needs `need`; `stream` is the route's stream for `ingest`. */
export function mayDo(principal: Principal, need: Need, stream: string | null): boolean {
  if (need === "public") return true;
  switch (principal.kind) {
    case "nobody":
      return false;
    case "local":
      return true;
    case "browser":
      return need !== "local";
    case "key":
      return keyMayDo(principal.scopes, need, stream);
  }
}

function keyMayDo(scopes: readonly string[], need: Exclude<Need, "public">, stream: string | null): boolean {
  switch (need) {
    case "local":
      return false;
    case "ingest":
      return stream !== null && (scopes.includes(`ingest:${stream}`) || scopes.includes("admin"));
    case "read":
      return scopes.includes("read") || scopes.includes("admin");
    case "edit":
    case "admin":
      return scopes.includes("admin");
  }
}
