/**
 * Main of the loader process. Arguments: workspace folder, zone. Speaks `loader-messages.ts` in frames; leaves when its
 * stdin closes, after the step at hand.
 */
import os from "node:os";
import process from "node:process";
import { encodeFrame, FrameDecoder } from "../../kernels/framing/frames.ts";
import { ImportRefused } from "../imports/import-refused.ts";
import { answerRequest } from "./answer-request.ts";
import type { FromLoader, ToLoader } from "./loader-messages.ts";
import { LoaderService } from "./loader-service.ts";

const LESS_URGENT = 5;

const [folder, zone] = process.argv.slice(2);
if (folder === undefined || zone === undefined)
  throw new Error("The loader takes two arguments: workspace folder and zone.");

const send = (message: FromLoader): void => {
  for (const piece of encodeFrame(message)) process.stdout.write(piece);
};

// Whoever sends an event waits for the server; nobody waits for this process.
os.setPriority(LESS_URGENT);
const service = await LoaderService.open({
  folder,
  zone,
  threads: 2,
  onCommitted: () => send({ type: "committed" }),
  onProblem: (stream, log, message) => send({ type: "problem", stream, log, message }),
});

async function receive(message: ToLoader): Promise<void> {
  switch (message.type) {
    case "poke":
      service.poke();
      return;
    case "durable":
      service.durableUpTo(message.stream, message.log, message.upToMicros);
      return;
    case "request":
      try {
        send({ type: "answer", id: message.id, value: await answerRequest(service, message.request) });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        send({ type: "failure", id: message.id, message: text, refused: error instanceof ImportRefused });
      }
      return;
  }
}

const decoder = new FrameDecoder((header) => void receive(header as unknown as ToLoader));
process.stdin.on("data", (bytes: Buffer) => decoder.push(bytes));
process.stdin.on("end", () => void service.close().then(() => process.exit(0)));
process.on("SIGTERM", () => void service.close().then(() => process.exit(0)));
send({ type: "ready" });
await service.run();
