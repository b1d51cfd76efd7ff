import { watch } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { WebSocket } from "ws";
import type { Principal } from "./gate/principal.ts";
import { errorFields, type Log } from "./log.ts";
import { type NotebookFiles, textHash } from "./notebook-files.ts";
import { CLOSE } from "./socket/close-codes.ts";
import type { Connection } from "./socket/connection.ts";
import { Hub } from "./socket/hub.ts";
import type { LiveSession } from "./socket/live-session.ts";

/** A session with what its owner may do to it. */
export interface OwnedSession extends LiveSession {
  /** True while a cell runs or waits. */
  readonly busy: boolean;
  /** The file holds other text now; it is diffed into operations. */
  fileChanged(text: string): void;
  /** How many events are newer than the pinned as-of. */
  countNewer(count: number): void;
  /** Saves what is unsaved, and ends kernel and engine. */
  close(): Promise<void>;
}

export interface OpenNotebook {
  readonly path: string;
  readonly session: OwnedSession;
  readonly hub: Hub;
  readonly stopWatching: () => void;
  idle: NodeJS.Timeout | null;
}

export interface NotebookParts {
  readonly files: NotebookFiles;
  readonly log: Log;
  readonly openSession: (path: string, text: string, watched: { hash: string }) => Promise<OwnedSession>;
  /** Events accepted after an as-of; told to the sessions every two seconds. */
  readonly countNewer: (asOf: string) => number;
  readonly idleCloseMillis: number;
}

const SETTLE_MILLIS = 40;
const NEWER_EVERY_MILLIS = 2000;
/** Editors that write over a network share raise no event: a look at the clock of the file catches those. */
const LOOK_EVERY_MILLIS = 2_000;

/**
 * The notebooks that are open, by path. A notebook is opened by its first socket and closed when nobody watched it and
 * nothing ran for `idleCloseMillis`. Entries are removed by identity: closing an old session never removes its successor.
 */
export class Notebooks {
  readonly #open = new Map<string, Promise<OpenNotebook>>();
  readonly #byBrowser = new Map<string, Set<Connection>>();
  readonly #parts: NotebookParts;
  constructor(parts: NotebookParts) {
    this.#parts = parts;
  }

  /** Opens it unless it is open. @throws HttpError for a bad path or a file that is not there. */
  open(name: string): Promise<OpenNotebook> {
    const known = this.#open.get(name);
    if (known !== undefined) return this.#unlessGone(name, known);
    const opening = this.#begin(name);
    this.#open.set(name, opening);
    opening.catch(() => this.#forget(name, opening));
    return opening;
  }

  get count(): number {
    return this.#open.size;
  }

  /** The open notebook, or null. */
  async find(name: string): Promise<OpenNotebook | null> {
    return (await this.#open.get(name)) ?? null;
  }

  attach(notebook: OpenNotebook, socket: WebSocket, principal: Principal): void {
    if (notebook.idle !== null) clearTimeout(notebook.idle);
    notebook.idle = null;
    const connection = notebook.hub.attach(socket);
    if (principal.kind === "browser") {
      const held = this.#byBrowser.get(principal.id) ?? new Set();
      this.#byBrowser.set(principal.id, held.add(connection));
      socket.once("close", () => held.delete(connection));
    }
    socket.once("close", () => this.#considerClosing(notebook));
  }

  /** Ends the sockets of a browser session that was revoked. */
  signedOut(browser: string): void {
    for (const connection of this.#byBrowser.get(browser) ?? []) connection.close(CLOSE.refused, "signed out");
    this.#byBrowser.delete(browser);
  }

  /** Before a file is moved or removed: ends its session; sockets are told that it is gone. */
  async closeGone(name: string): Promise<void> {
    const notebook = await this.find(name);
    if (notebook !== null) await this.#close(notebook, CLOSE.gone, "the notebook was moved or deleted");
  }

  async closeAll(): Promise<void> {
    const open = await Promise.allSettled(this.#open.values());
    const failures: unknown[] = [];
    for (const one of open)
      if (one.status === "fulfilled")
        await this.#close(one.value, CLOSE.leaving, "the server stops").catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "Some notebooks did not close cleanly.");
  }

  /** A file that was removed while nobody looked is gone; before somebody's eyes the session keeps its text. */
  async #unlessGone(name: string, known: Promise<OpenNotebook>): Promise<OpenNotebook> {
    const notebook = await known;
    if (notebook.hub.clients > 0 || notebook.session.busy || (await this.#parts.files.isThere(name))) return notebook;
    await this.#close(notebook, CLOSE.gone, "the notebook was deleted");
    return await this.open(name);
  }

  async #begin(name: string): Promise<OpenNotebook> {
    const { files, log } = this.#parts;
    const { text } = await files.read(name);
    const watching = { hash: textHash(text) };
    const session = await this.#parts.openSession(name, text, watching);
    const hub = new Hub(session, (error, request) =>
      log.write("info", "socket request refused", { notebook: name, request: request.type, ...errorFields(error) }),
    );
    const changed = async () => {
      const now = await files.read(name).catch((error: unknown) => {
        // Deleted, or between the two steps of an editor's save: the session keeps its text and saves it again.
        log.write("info", "notebook file is not readable", { notebook: name, ...errorFields(error) });
        return null;
      });
      if (now === null || now.hash === watching.hash) return;
      watching.hash = now.hash;
      session.fileChanged(now.text);
    };
    const stopFileWatch = await watchFile(await files.file(name), changed, log);
    const newer = setInterval(() => {
      const { asOf } = session.state;
      if (asOf !== null) session.countNewer(this.#parts.countNewer(asOf));
    }, NEWER_EVERY_MILLIS);
    newer.unref();
    const stopWatching = () => {
      clearInterval(newer);
      stopFileWatch();
    };
    return { path: name, session, hub, stopWatching, idle: null };
  }

  #considerClosing(notebook: OpenNotebook): void {
    if (notebook.hub.clients > 0 || notebook.idle !== null) return;
    notebook.idle = setTimeout(() => {
      notebook.idle = null;
      if (notebook.hub.clients > 0) return;
      if (notebook.session.busy) return this.#considerClosing(notebook);
      this.#close(notebook, CLOSE.leaving, "nobody was watching").catch((error: unknown) =>
        this.#parts.log.write("error", "notebook did not close", { notebook: notebook.path, ...errorFields(error) }),
      );
    }, this.#parts.idleCloseMillis);
    notebook.idle.unref();
  }

  async #close(notebook: OpenNotebook, code: number, reason: string): Promise<void> {
    if (notebook.idle !== null) clearTimeout(notebook.idle);
    const entry = this.#open.get(notebook.path);
    if (entry !== undefined && (await entry) === notebook) this.#forget(notebook.path, entry);
    notebook.stopWatching();
    notebook.hub.close(code, reason);
    await notebook.session.close();
  }

  #forget(name: string, entry: Promise<OpenNotebook>): void {
    if (this.#open.get(name) === entry) this.#open.delete(name);
  }
}

/** Calls `changed` soon after the file may have changed; calls do not overlap. */
async function watchFile(file: string, changed: () => Promise<void>, log: Log): Promise<() => void> {
  let timer: NodeJS.Timeout | null = null;
  let running = Promise.resolve();
  let seenMillis = (await stat(file)).mtimeMs;
  const failed = (error: unknown) =>
    log.write("error", "notebook file was not taken up", { file, ...errorFields(error) });
  const soon = () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(changed).catch(failed);
    }, SETTLE_MILLIS);
  };
  // The folder is watched, not the file: editors replace files, and a watch would stay with the old one.
  const watcher = watch(path.dirname(file), (_event, name) => {
    if (name === null || name === path.basename(file)) soon();
  });
  watcher.on("error", failed);
  const look = setInterval(async () => {
    const found = await stat(file).catch(() => null); // Absent for now: `changed` says so when it is asked.
    if (found === null || found.mtimeMs === seenMillis) return;
    seenMillis = found.mtimeMs;
    soon();
  }, LOOK_EVERY_MILLIS);
  return () => {
    if (timer !== null) clearTimeout(timer);
    clearInterval(look);
    watcher.close();
  };
}
