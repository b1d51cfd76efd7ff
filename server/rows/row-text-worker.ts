import { parentPort, workerData } from "node:worker_threads";
import { rowText, type TextFormat } from "./row-text.ts";

const { arrow, format } = workerData as { arrow: Uint8Array; format: TextFormat };
const encoder = new TextEncoder();
for (const piece of rowText(arrow, format)) {
  const bytes = encoder.encode(piece);
  parentPort!.postMessage(bytes, [bytes.buffer]);
}
