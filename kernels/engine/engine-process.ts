/**
 * Main of an engine process: reads requests from stdin, answers on stdout, leaves when stdin closes. The first request
 * opens the database; its answer is the first frame and tells the host that the engine is ready. A later one of its kind
 * throws that database away and opens another. Requests run side by side; what must not is kept apart by connections.
 */
import { joined, pieceLength } from "../arrow/arrow-stream.ts";
import { encodeFrame, FrameDecoder, type FrameHeader } from "../framing/frames.ts";
import { type EngineReply, type EngineRequest, engineRequest } from "./engine-messages.ts";
import { EngineRequests, type Reply } from "./engine-requests.ts";
import { PieceFiles, pieceFolder } from "./piece-files.ts";
import { sqlErrorFrom } from "./sql-problem.ts";

/** Pieces of one answer that may be on their way before the host has taken one. */
const PIECES_AHEAD = 4;
/** From here on a piece goes through a file: the pipe would copy it in small parts and hold both processes up. */
const LARGE_PIECE_BYTES = 512 * 1024;

function send(reply: EngineReply, body?: Uint8Array): void {
  for (const part of encodeFrame(reply, body)) process.stdout.write(part);
}

/** Room for more pieces, per query. */
class Room {
  private free = PIECES_AHEAD;
  private readonly waiting: (() => void)[] = [];

  async take(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  give(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}

const rooms = new Map<number, Room>();
let engine: EngineRequests | null = null;
let files: PieceFiles | null = null;

async function answer(request: Exclude<EngineRequest, { type: "cancel" | "taken" }>, body: Uint8Array): Promise<void> {
  const { id } = request;
  const room = new Room();
  rooms.set(id, room);
  const reply: Reply = {
    progress: (fraction) => send({ type: "progress", id, fraction }),
    begun: (value) => send({ type: "begun", id, value: value as never }),
    piece: async (piece) => {
      await room.take();
      const bytes = pieceLength(piece);
      const name = bytes < LARGE_PIECE_BYTES ? null : (files?.write(piece) ?? null);
      if (name === null) send({ type: "piece", id, file: null }, joined(piece));
      else send({ type: "piece", id, file: { name, bytes } });
    },
  };
  try {
    if (request.type === "open") {
      engine?.close();
      engine = null;
      engine = await EngineRequests.open(request.configuration);
      files = new PieceFiles(pieceFolder(request.configuration.scratchFolder));
      send({ type: "done", id, value: null });
      return;
    }
    if (engine === null) throw new Error(`Request ${request.type} came before the engine was opened`);
    const { value, body: bytes } = await engine.handle(request, reply, body);
    send({ type: "done", id, value: value as never }, bytes);
  } catch (error) {
    const { kind, problem } = sqlErrorFrom(error, "");
    send({ type: "failed", id, kind, problem: { ...problem } });
  } finally {
    rooms.delete(id);
  }
}

function receive(header: FrameHeader, body: Uint8Array): void {
  const request = engineRequest.parse(header);
  if (request.type === "cancel") {
    engine?.cancel(request.id);
  } else if (request.type === "taken") {
    if (request.file !== null) files?.release(request.file);
    rooms.get(request.id)?.give();
  } else {
    void answer(request, body);
  }
}

const decoder = new FrameDecoder(receive);
process.stdin.on("data", (bytes: Buffer) => decoder.push(bytes));
// Not process.exit: DuckDB's threads may be in the middle of a query, and nothing here is worth waiting for.
process.stdin.on("end", () => process.kill(process.pid, "SIGKILL"));
