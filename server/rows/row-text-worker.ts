import { parentPort, workerData } from "node:worker_threads";
import { rowText, type TextFormat } from "./row-text.ts";

const { arrow, format, rows } = workerData as { arrow: Uint8Array; format: TextFormat; rows: number };
const encoder = new TextEncoder();
for (const piece of rowText(arrow, format, rows)) {
  const bytes = encoder.encode(piece);
  parentPort!.postMessage(bytes, [bytes.buffer]);
}
