import { afterEach, expect, test } from "vitest";
import type { FrameHeader } from "../../../kernels/framing/frames.ts";
import type { EndReason } from "../../../kernels/lifecycle/process-state.ts";
import { type Child, type LaunchOptions, launch, run } from "../../../kernels/lifecycle/spawn.ts";

const ECHO = new URL("programs/echo.ts", import.meta.url).pathname;
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.end({ graceMillis: 0 })));
});

function start(options: Partial<LaunchOptions> = {}): {
  child: Child;
  frames: FrameHeader[];
  answer: () => Promise<FrameHeader>;
} {
  const frames: FrameHeader[] = [];
  const waiting: ((header: FrameHeader) => void)[] = [];
  const child = launch({
    name: "The echo",
    command: process.execPath,
    args: [ECHO],
    env: {},
    readyWithinMillis: 10_000,
    onFrame: (header) => {
      frames.push(header);
      waiting.shift()?.(header);
    },
    ...options,
  });
  children.push(child);
  return { child, frames, answer: () => new Promise((resolve) => waiting.push(resolve)) };
}

async function reasonAfter(header: object, options: Partial<LaunchOptions> = {}): Promise<EndReason> {
  const { child } = start(options);
  await child.ready;
  child.send(header);
  return child.ended;
}

test("a child is starting until its first frame, then idle, and answers", async () => {
  const { child, answer } = start();
  expect(child.state.phase).toBe("starting");
  const first = answer();
  expect(await child.ready).toEqual({ type: "ready" });
  expect(child.state.phase).toBe("idle");
  await first;
  const echo = answer();
  child.send({ hello: 1 }, new Uint8Array([1, 2, 3]));
  expect(await echo).toEqual({ hello: 1 });
});

test("asking is enough for a child that listens, and is told as requested", async () => {
  const { child } = start();
  await child.ready;
  expect(await child.end({ graceMillis: 5000 })).toEqual({ kind: "requested" });
  expect(child.state).toEqual({ phase: "ended", because: { kind: "requested" } });
});

test("a child that ignores both the request and SIGTERM is killed after two graces; the first reason stands", async () => {
  const { child, answer } = start();
  await child.ready;
  const echo = answer();
  child.send({ do: "ignore-requests" });
  await echo;
  const started = performance.now();
  const first = child.end({ graceMillis: 150, because: { kind: "time-limit", limitMillis: 9 } });
  const second = child.end({ graceMillis: 150 });
  expect(await first).toEqual({ kind: "time-limit", limitMillis: 9 });
  expect(await second).toEqual({ kind: "time-limit", limitMillis: 9 });
  expect(performance.now() - started).toBeGreaterThan(290);
});

test("a child that leaves by itself is told with its code and its last words", async () => {
  expect(await reasonAfter({ do: "leave" })).toEqual({ kind: "left", code: 7, stderrTail: "" });
  expect(await reasonAfter({ do: "complain" })).toEqual({ kind: "left", code: 3, stderrTail: "something is odd\n" });
});

test("a child killed from outside is told with the signal", async () => {
  const { child } = start();
  await child.ready;
  process.kill(child.pid ?? expect.fail("no pid"), "SIGKILL");
  expect(await child.ended).toMatchObject({ kind: "killed", signal: "SIGKILL" });
});

test("a command that does not exist, one that leaves at once and one that is never ready fail to start", async () => {
  const absent = start({ command: "/nowhere/at-all" }).child;
  expect(await absent.ended).toMatchObject({ kind: "failed-to-start", problem: expect.stringContaining("ENOENT") });
  expect(await absent.ready).toBeNull();
  expect(await start({ args: ["--eval", "process.exit(4)"] }).child.ended).toMatchObject({
    kind: "failed-to-start",
    problem: "it left with exit code 4.",
  });
  expect(
    await start({ args: ["--eval", "setInterval(() => {}, 1000)"], readyWithinMillis: 200 }).child.ended,
  ).toMatchObject({
    kind: "failed-to-start",
    problem: "it was not ready within 200 ms.",
  });
});

test("a child that prints what is no frame is ended", async () => {
  expect(await reasonAfter({ do: "babble" })).toMatchObject({ kind: "broken-protocol" });
});

test.runIf(process.platform === "linux")("a child that hoards memory is killed at its limit", async () => {
  const limit = 300 * 1024 * 1024;
  expect(await reasonAfter({ do: "hoard" }, { memoryLimitBytes: limit })).toEqual({
    kind: "out-of-memory",
    limitBytes: limit,
  });
});

test("a V8 heap that is full is told as out of memory, not as a signal", async () => {
  const hoard = "const a = []; for (;;) a.push(new Array(1000).fill({}));";
  const { child } = start({ args: ["--max-old-space-size=40", "--eval", hoard], readyWithinMillis: 30_000 });
  expect(await child.ended).toMatchObject({ kind: "out-of-memory" });
});

test("a child gets exactly the environment it is given", async () => {
  const result = await run(process.execPath, ["--eval", "console.log(JSON.stringify(process.env))"], {
    env: { ONLY: "this" },
  });
  expect(JSON.parse(result.stdout)).toEqual({ ONLY: "this" });
});

test("a child dies with its parent however the parent dies", async () => {
  const script = `import { launch } from ${JSON.stringify(new URL("../../../kernels/lifecycle/spawn.ts", import.meta.url).href)};
    const child = launch({ name: "x", command: process.execPath, args: [${JSON.stringify(ECHO)}], env: {}, readyWithinMillis: 10000, onFrame: () => {} });
    await child.ready;
    process.stdout.write(String(child.pid), () => process.kill(process.pid, "SIGKILL"));`;
  const parent = await run(process.execPath, ["--input-type=module", "--eval", script], { env: {} });
  expect(parent.signal).toBe("SIGKILL");
  const pid = Number(parent.stdout);
  expect(pid).toBeGreaterThan(0);
  const gone = async (): Promise<boolean> => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await expect.poll(gone, { timeout: 5000 }).toBe(true);
});

test("a short command that runs too long or prints too much is ended with the reason", async () => {
  await expect(
    run(process.execPath, ["--eval", "setInterval(()=>{},100)"], { env: {}, timeoutMillis: 200 }),
  ).rejects.toThrow("took longer than 200 ms");
  await expect(
    run(process.execPath, ["--eval", "for(;;) console.log('xxxxxxxxxxxxxxxx')"], { env: {}, maxOutputBytes: 1000 }),
  ).rejects.toThrow("printed more than 1000 bytes");
});
