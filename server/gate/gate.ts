import type { IncomingHttpHeaders } from "node:http";
import { HttpError } from "../http-error.ts";
import type { BrowserSessions } from "./browser-sessions.ts";
import type { Keys } from "./keys.ts";
import { mayDo, type Need, type Principal } from "./principal.ts";
import { RateLimit } from "./rate-limit.ts";
import { sameDigest, sha256 } from "./secrets.ts";

export interface GateRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly upgrade: boolean;
  readonly need: Need;
  /** The route's stream, for keys with `ingest:STREAM`. */
  readonly stream: string | null;
}

export interface GateParts {
  readonly keys: Keys;
  readonly sessions: BrowserSessions;
  /** The secret in `.driftbook/server.json`; only who can read that file may present it. */
  readonly localSecret: string;
  /** Exact `Host` values that this server answers to, and the exact origins of its own pages. */
  readonly names: () => { readonly hosts: ReadonlySet<string>; readonly origins: ReadonlySet<string> };
  readonly cookieName: () => string;
}

const READING = new Set(["GET", "HEAD"]);

/**
 * The one gate: every HTTP route and every upgrade passes `admit`, which throws unless all of this holds. Host is one
 * of ours (against DNS rebinding); Origin, where a browser sends one, is one of ours; a write or an upgrade that
 * leans on a cookie must carry an Origin; the credential is good; and it may do what the route needs.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #limit = new RateLimit();
  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** @throws HttpError 401, 403, 421 or 429. */
  admit(request: GateRequest): Principal {
    const { hosts, origins } = this.#parts.names();
    const { host, origin } = request.headers;
    if (host === undefined || !hosts.has(host.toLowerCase()))
      throw new HttpError(421, `This server does not answer to the host "${host ?? ""}".`, {
        hint: `Use ${[...hosts].join(" or ")}, or set url: in driftbook.yaml.`,
      });
    if (origin !== undefined && !origins.has(origin))
      throw new HttpError(403, `Requests from pages of "${origin}" are refused.`, {
        hint: `Only pages of ${[...origins].join(" or ")} may call this server.`,
      });
    const writes = request.upgrade || !READING.has(request.method);
    const principal = this.identify(request.headers);
    if (origin === undefined && writes && (principal.kind === "browser" || principal.kind === "nobody")) {
      if (principal.kind === "nobody") throw unauthenticated();
      throw new HttpError(403, "A write by cookie must carry an Origin header; this request has none.", {
        hint: "Scripts use an API key: Authorization: Bearer KEY.",
      });
    }
    if (mayDo(principal, request.need, request.stream)) return principal;
    if (principal.kind === "nobody") throw unauthenticated();
    throw new HttpError(403, `This credential may not do that: it needs ${wanted(request)}.`);
  }

  /** Who the credential says it is. A presented but bad key is refused, never taken for nobody. */
  identify(headers: IncomingHttpHeaders): Principal {
    const authorization = headers.authorization;
    if (authorization !== undefined) {
      const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (bearer === undefined) throw unauthenticated('The Authorization header must read "Bearer KEY".');
      if (sameDigest(sha256(bearer), sha256(this.#parts.localSecret))) return { kind: "local" };
      const checked = this.#parts.keys.check(bearer);
      if (checked.outcome === "refused") throw unauthenticated(`${checked.because}.`);
      const waitMillis = this.#limit.take(checked.id, checked.ratePerSecond);
      if (waitMillis > 0)
        throw new HttpError(429, `Key ${checked.id} made more than ${checked.ratePerSecond} requests a second.`, {
          headers: { "retry-after": String(Math.ceil(waitMillis / 1000)) },
        });
      return { kind: "key", id: checked.id, scopes: checked.scopes };
    }
    const cookie = cookieValue(headers.cookie, this.#parts.cookieName());
    const session = cookie === null ? null : this.#parts.sessions.check(cookie);
    return session === null ? { kind: "nobody" } : { kind: "browser", id: session };
  }
}

function unauthenticated(what = "This needs a credential, and none that is valid came with it."): HttpError {
  return new HttpError(401, what, {
    hint: "Open the link that `driftbook serve` printed, or send Authorization: Bearer KEY with a key of this workspace.",
    headers: { "www-authenticate": 'Bearer realm="driftbook"' },
  });
}

function wanted(request: GateRequest): string {
  switch (request.need) {
    case "ingest":
      return `the scope ingest:${request.stream ?? "STREAM"}`;
    case "read":
      return "the scope read";
    case "edit":
    case "admin":
      return "the scope admin";
    case "local":
      return "the command line on the server's machine";
    case "public":
      return "nothing";
  }
}

/** The first cookie of that name; null when absent. */
export function cookieValue(header: string | undefined, name: string): string | null {
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
