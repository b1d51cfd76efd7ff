/** Answers each frame with itself; leaves when its stdin closes. Headers with `do` make it misbehave. */
import { encodeFrame, FrameDecoder } from "../../../../kernels/framing/frames.ts";

const write = (header: object, body?: Uint8Array): void => {
  for (const part of encodeFrame(header, body)) process.stdout.write(part);
};
const hoard: Uint8Array[] = [];
const decoder = new FrameDecoder((header, body) => {
  if (header.do === "leave") process.exit(7);
  if (header.do === "complain") process.stderr.write("something is odd\n", () => process.exit(3));
  if (header.do === "babble") process.stdout.write("this is no frame, it is only text\n");
  if (header.do === "ignore-requests") {
    process.stdin.removeAllListeners("end");
    process.on("SIGTERM", () => undefined);
    setInterval(() => undefined, 1000);
  }
  if (header.do === "hoard") setInterval(() => hoard.push(new Uint8Array(32 * 1024 * 1024).fill(1)), 5);
  write(header, body);
});
process.stdin.on("data", (bytes: Buffer) => decoder.push(bytes));
process.stdin.on("end", () => process.exit(0));
write({ type: "ready" });
