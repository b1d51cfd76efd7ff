/**
 * Loaded into a real server before anything else (`node --import`): names every step that makes state last, and kills
 * the process exactly before or after one of them. Steps are commits that change rows (monitor.db and readings.db;
 * a write without a transaction is given one), creating, flushing and renaming what runs, reports and promotions
 * leave as files, and a webhook's request and answer. A step is known by its name and by how often the name came before, so that work
 * which goes on side by side does not shift it. Worker threads and child processes make nothing last here.
 */
import { appendFileSync, promises as files } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";

export type Side = "before" | "after";
/** A step, and where the process dies; `step` is `NAME` for its first time, `NAME (2)` for its second. */
export interface Kill {
  readonly step: string;
  readonly side: Side;
}

/** What the process is told in the variable `LASTING_STEPS`, as JSON. */
export interface LastingSteps {
  /** Of the workspace. */
  readonly folder: string;
  /** Steps as they begin, one a line, go to this file. */
  readonly list: string;
  readonly kill: Kill | null;
}

const { folder, list, kill } = JSON.parse(process.env.LASTING_STEPS!) as LastingSteps;
const times = new Map<string, number>();

function begun(name: string): string {
  const time = (times.get(name) ?? 0) + 1;
  times.set(name, time);
  const step = time === 1 ? name : `${name} (${time})`;
  appendFileSync(list, `${step}\n`);
  at(step, "before");
  return step;
}

function at(step: string, side: Side): void {
  if (kill?.step !== step || kill.side !== side) return;
  process.kill(process.pid, "SIGKILL");
  // Nothing more happens here, however late the signal comes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function lasting<T>(name: string, act: () => T): T {
  const step = begun(name);
  const value = act();
  at(step, "after");
  return value;
}

async function lastingLater<T>(name: string, act: () => Promise<T>): Promise<T> {
  const step = begun(name);
  const value = await act();
  at(step, "after");
  return value;
}

const WATCHED_DATABASE = /\/\.driftbook\/(monitor|readings)\.db$/;
const WRITE = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b(?:\s+OR\s+\w+)?(?:\s+(?:INTO|FROM))?\s+(\w+)/i;

/** Commits of a database, each named for the rows that it changes. */
function watchCommits(): void {
  const { exec, prepare } = DatabaseSync.prototype;
  const { run, get, all } = StatementSync.prototype;
  const watched = new WeakMap<
    DatabaseSync,
    { readonly name: string; readonly changes: StatementSync; writes: string[] }
  >();
  const writers = new WeakMap<StatementSync, { readonly database: DatabaseSync; readonly what: string }>();
  /** BEGIN and COMMIT as prepared statements. */
  const brackets = new WeakMap<StatementSync, { readonly database: DatabaseSync; readonly sql: string }>();

  const watch = (database: DatabaseSync) => {
    const known = watched.get(database);
    if (known !== undefined) return known;
    const name = WATCHED_DATABASE.exec(database.location() ?? "")?.[1];
    if (name === undefined) return null;
    const changes = prepare.call(database, "SELECT total_changes() AS changes");
    const made = { name: `${name}.db`, changes, writes: [] };
    watched.set(database, made);
    return made;
  };
  const commit = (database: DatabaseSync, { name, writes }: { name: string; writes: readonly string[] }): void => {
    const act = () => exec.call(database, "COMMIT");
    if (writes.length === 0) act();
    else lasting(`commit ${name}: ${[...new Set(writes)].join(", ")}`, act);
  };

  DatabaseSync.prototype.exec = function (sql) {
    const watching = watch(this);
    if (watching === null || !/^\s*(BEGIN|COMMIT)\b/i.test(sql)) return exec.call(this, sql);
    if (/COMMIT/i.test(sql)) commit(this, watching);
    else exec.call(this, sql);
    watching.writes = [];
  };
  DatabaseSync.prototype.prepare = function (sql, ...options) {
    const statement = prepare.call(this, sql, ...options);
    if (/^(BEGIN|COMMIT)/.test(sql) && watch(this) !== null) brackets.set(statement, { database: this, sql });
    const found = WRITE.exec(sql);
    if (found !== null && watch(this) !== null)
      writers.set(statement, { database: this, what: `${found[1]!.toUpperCase()} ${found[2]}` });
    return statement;
  };
  const noticing = <F extends (this: StatementSync, ...values: never[]) => unknown>(act: F): F =>
    function (this: StatementSync, ...values: Parameters<F>): unknown {
      const writer = writers.get(this);
      if (writer === undefined) return act.apply(this, values);
      const { database, what } = writer;
      const watching = watch(database)!;
      const changes = (): unknown => (Reflect.apply(get, watching.changes, []) as { changes: number }).changes;
      const isAlone = !database.isTransaction;
      if (isAlone) exec.call(database, "BEGIN IMMEDIATE");
      const before = changes();
      try {
        const value = act.apply(this, values);
        if (changes() !== before) watching.writes.push(what);
        if (isAlone) commit(database, watching);
        return value;
      } catch (error) {
        if (isAlone) exec.call(database, "ROLLBACK");
        throw error;
      } finally {
        if (isAlone) watching.writes = [];
      }
    } as unknown as F;
  const noticingRun = noticing(run);
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    const bracket = brackets.get(this);
    if (bracket === undefined) return noticingRun.apply(this, values);
    bracket.database.exec(bracket.sql);
    return { changes: 0, lastInsertRowid: 0 };
  } as typeof run;
  StatementSync.prototype.get = noticing(get);
  StatementSync.prototype.all = noticing(all);
}

const WATCHED_FILE = /^(?:\.driftbook\/(?:runs\/jobs|reports)\/.+|jobs(?:\/.+)?)$/;

/** Null for files that are not watched. What differs between two lives is left out of the name. */
function fileName(file: unknown): string | null {
  const name = path.relative(folder, String(file)).split(path.sep).join("/");
  if (!WATCHED_FILE.test(name)) return null;
  return name
    .replace(".driftbook/", "")
    .replaceAll(/[0-9a-z]{9}-[0-9a-f]{12}/g, "RUN")
    .replaceAll(/(?<=[-.])[0-9a-f]{12}/g, "X");
}

function watchFiles(): WeakMap<FileHandle, string> {
  const { open, rename } = files;
  const names = new WeakMap<FileHandle, string>();
  files.open = async (file, flags, mode) => {
    const name = fileName(file);
    if (name === null) return open(file, flags, mode);
    const act = () => open(file, flags, mode);
    const handle = await (flags === "r" ? act() : lastingLater(`create ${name}`, act));
    names.set(handle, name);
    return handle;
  };
  files.rename = (from, to) => {
    const name = fileName(to);
    return name === null ? rename(from, to) : lastingLater(`rename to ${name}`, () => rename(from, to));
  };
  return names;
}

async function watchFlushes(names: WeakMap<FileHandle, string>): Promise<void> {
  const some = await files.open(import.meta.filename, "r");
  const handles = Object.getPrototypeOf(some) as FileHandle;
  await some.close();
  const { sync } = handles;
  handles.sync = function () {
    const name = names.get(this);
    return name === undefined ? sync.call(this) : lastingLater(`flush ${name}`, () => sync.call(this));
  };
}

/** What a server requests of others are webhooks. */
function watchRequests(): void {
  const { request } = http;
  http.request = ((...words: Parameters<typeof request>) => {
    const made = request(...words);
    const { end, emit } = made;
    made.end = ((...body: Parameters<typeof end>) => {
      const step = begun("request of a webhook");
      made.once("finish", () => at(step, "after"));
      return end.apply(made, body);
    }) as typeof end;
    made.emit = ((event: string, ...values: unknown[]) => {
      const act = () => emit.call(made, event, ...values);
      return event === "response" ? lasting("answer of a webhook", act) : act();
    }) as typeof emit;
    return made;
  }) as typeof request;
}

if (isMainThread) {
  watchCommits();
  await watchFlushes(watchFiles());
  watchRequests();
  syncBuiltinESMExports();
}
