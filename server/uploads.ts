import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { newId } from "./gate/secrets.ts";
import { HttpError } from "./http-error.ts";

const ENDINGS = [".parquet", ".csv", ".ndjson", ".jsonl", ".json"];
const KEPT_MILLIS = 24 * 3_600_000;

/** Files dropped in the browser, each in a folder of its own below `.driftbook/uploads`, kept for a day. */
export class Uploads {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = path.join(folder, ".driftbook", "uploads");
  }

  /** @throws HttpError 413, 415 */
  async keep(name: string, body: Readable, limitBytes: number): Promise<{ id: string; name: string; bytes: number }> {
    const ending = ENDINGS.find((one) => name.toLowerCase().endsWith(one));
    if (ending === undefined) throw new HttpError(415, `"${name}" ends in none of ${ENDINGS.join(", ")}.`);
    await this.#removeOld();
    const id = newId();
    const folder = path.join(this.#folder, id);
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, safeName(name));
    let bytes = 0;
    const counted = new Transform({
      transform(piece: Buffer, _encoding, done) {
        bytes += piece.length;
        done(bytes > limitBytes ? new HttpError(413, `The file is larger than ${limitBytes} bytes.`) : null, piece);
      },
    });
    try {
      await pipeline(body, counted, createWriteStream(file, { flags: "wx" }));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return { id, name, bytes };
  }

  /** @throws HttpError 404 */
  async file(id: string): Promise<string> {
    if (!/^[a-z0-9]{1,20}$/.test(id))
      throw new HttpError(404, `There is no upload ${JSON.stringify(id.slice(0, 40))}.`);
    const folder = path.join(this.#folder, id);
    const [name] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    if (name === undefined) throw new HttpError(404, `There is no upload "${id}"; uploads are kept for a day.`);
    return path.join(folder, name);
  }

  async #removeOld(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const id of await readdir(this.#folder)) {
      const folder = path.join(this.#folder, id);
      const { mtimeMs } = await stat(folder);
      if (Date.now() - mtimeMs > KEPT_MILLIS) await rm(folder, { recursive: true, force: true });
    }
  }
}

/** What the browser calls a file, as a name that is no path and that every system takes. */
function safeName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(-120);
  return /^(\.|-|(con|prn|aux|nul|com\d|lpt\d)\.)/i.test(plain) ? `_${plain}` : plain;
}
