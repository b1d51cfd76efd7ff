import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

interface Held {
  readonly modifiedMillis: number;
  readonly plain: Buffer;
  readonly zipped: Buffer | null;
}
export interface WebFile {
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: boolean;
  /** True for names that hold a content hash: they never change. */
  readonly forever: boolean;
}

/** The built client (`dist/web`), held in memory once asked for, and read again when a build replaces it. */
export class WebFiles {
  readonly #held = new Map<string, Held>();
  /** Beside the sources in a checkout, beside the compiled server in the package. */
  readonly #roots = ["../dist/web/", "../web/"].map((place) => fileURLToPath(new URL(place, import.meta.url)));

  /** Null when there is no such file; `name` is a URL path without its leading slash. */
  async read(name: string, acceptsGzip: boolean): Promise<WebFile | null> {
    const type = TYPES[path.extname(name)];
    if (type === undefined || !/^[A-Za-z0-9_./-]+$/.test(name) || name.split("/").includes("..")) return null;
    const held = await this.#load(name);
    if (held === null) return null;
    const zipped = acceptsGzip && held.zipped !== null;
    return {
      type,
      body: zipped ? held.zipped! : held.plain,
      zipped,
      forever: /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(name),
    };
  }

  async #load(name: string): Promise<Held | null> {
    for (const root of this.#roots) {
      const file = path.join(root, name);
      let modifiedMillis: number;
      try {
        const found = await stat(file);
        if (!found.isFile()) continue;
        modifiedMillis = found.mtimeMs;
      } catch (error) {
        if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) continue;
        throw error;
      }
      const known = this.#held.get(file);
      if (known?.modifiedMillis === modifiedMillis) return known;
      const plain = await readFile(file);
      const zipped = /\.(js|css|html|svg|json)$/.test(name) ? await promisify(gzip)(plain) : null;
      const held = { modifiedMillis, plain, zipped };
      this.#held.set(file, held);
      return held;
    }
    return null;
  }
}
