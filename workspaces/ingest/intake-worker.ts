import { parentPort } from "node:worker_threads";
import type { Contract } from "../contracts/contract.ts";
import { EventChecker } from "./check-event.ts";
import { IngestRefused } from "./ingest-errors.ts";
import { type BodyRead, type BodyRequest, readBody } from "./read-body.ts";

/**
 * A thread that reads and checks ingest bodies, one at a time. It learns a contract the first time that its hash comes
 * by and keeps one checker per contract and log.
 */
export interface WorkerTask {
  readonly id: number;
  readonly contractHash: string;
  /** Sent with the first task of a contract. */
  readonly contract: Contract | null;
  readonly request: Omit<BodyRequest, "body"> & { readonly body: Uint8Array };
}

export type WorkerAnswer =
  | { readonly id: number; readonly read: BodyRead }
  | { readonly id: number; readonly refused: { readonly kind: IngestRefused["kind"]; readonly message: string } }
  | { readonly id: number; readonly failed: string };

const port = parentPort;
if (port === null) throw new Error("intake-worker.ts is a worker thread; start it through intake.ts.");
const checkers = new Map<string, Record<BodyRequest["log"], EventChecker>>();

port.on("message", ({ id, contractHash, contract, request }: WorkerTask) => {
  try {
    if (contract !== null)
      checkers.set(contractHash, {
        decisions: new EventChecker(contract, "decisions"),
        feedback: new EventChecker(contract, "feedback"),
      });
    const checker = checkers.get(contractHash)![request.log];
    const { body } = request;
    const read = readBody({ ...request, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }, checker);
    // Transferred, not copied; a small Buffer may share its memory with others and is copied first.
    const rows =
      read.rows.buffer.byteLength === read.rows.byteLength ? read.rows : Buffer.from(new Uint8Array(read.rows).buffer);
    const answer: WorkerAnswer = { id, read: { ...read, rows } };
    port.postMessage(answer, [
      rows.buffer as ArrayBuffer,
      read.idHashes.buffer as ArrayBuffer,
      read.ends.buffer as ArrayBuffer,
    ]);
  } catch (error) {
    const answer: WorkerAnswer =
      error instanceof IngestRefused
        ? { id, refused: { kind: error.kind, message: error.message } }
        : { id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    port.postMessage(answer);
  }
});
