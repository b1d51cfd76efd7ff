/**
 * The only file that starts processes. `launch` starts a child that speaks frames over stdin and stdout and owns its
 * life: it is ready with its first frame, it is ended by `end`, by its memory limit, by a broken protocol or by itself,
 * and `ended` tells the first reason. A child must leave when its stdin closes, so that it dies with this process
 * however this process dies.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setPriority } from "node:os";
import { encodeFrame, FrameDecoder, type FrameHeader } from "../framing/frames.ts";
import { watchMemory } from "./memory-watch.ts";
import { type EndReason, nextState, type ProcessEvent, type ProcessState } from "./process-state.ts";

const STDERR_TAIL_BYTES = 4096;
export const DEFAULT_GRACE_MILLIS = 2000;

export interface LaunchOptions {
  /** How the process is called in sentences: "The SQL engine". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Each frame, the first (which means ready) included. */
  readonly onFrame: (header: FrameHeader, body: Uint8Array) => void;
  readonly onStderr?: (text: string) => void;
  readonly onState?: (state: ProcessState) => void;
  /** Without a first frame by then the child is ended as failed to start. */
  readonly readyWithinMillis: number;
  /** Anonymous resident memory above which the child is killed. Watched where the system tells (Linux). */
  readonly memoryLimitBytes?: number;
  /** As `os.setPriority` takes it: above 0 others come first. */
  readonly priority?: number;
}

export interface Child {
  readonly name: string;
  readonly pid: number | null;
  readonly state: ProcessState;
  /** Resolves with the header of the first frame, or with null when the child ended before it. */
  readonly ready: Promise<FrameHeader | null>;
  readonly ended: Promise<EndReason>;
  /** Tells that work begins, settles or is interrupted; see `nextState`. */
  note(event: "work" | "settle" | "interrupt"): void;
  /** Writes a frame; does nothing once the child has ended. False: it is slow to read, `drained` tells when it caught up. */
  send(header: object, body?: Uint8Array): boolean;
  drained(): Promise<void>;
  /**
   * Asks (closes stdin), then SIGTERM, then SIGKILL, each after `graceMillis`. The first reason given stands.
   * `graceMillis: 0` kills at once.
   */
  end(options?: { readonly graceMillis?: number; readonly because?: EndReason }): Promise<EndReason>;
}

export function launch(options: LaunchOptions): Child {
  return new LaunchedChild(options);
}

class LaunchedChild implements Child {
  readonly name: string;
  readonly ready: Promise<FrameHeader | null>;
  readonly ended: Promise<EndReason>;
  private readonly options: LaunchOptions;
  private readonly process: ChildProcessWithoutNullStreams;
  /** Aborted when the process is gone: ends every timer and watch that belongs to its life. */
  private readonly life = new AbortController();
  private current: ProcessState = { phase: "starting" };
  /** Why we end it, if we do; set once. */
  private because: EndReason | undefined;
  private stderrTail = "";

  constructor(options: LaunchOptions) {
    this.name = options.name;
    this.options = options;
    this.process = spawn(options.command, [...options.args], {
      env: { ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    // Before it makes threads: those made later have the priority of the one that makes them.
    if (options.priority !== undefined && this.process.pid !== undefined)
      setPriority(this.process.pid, options.priority);
    const ready = Promise.withResolvers<FrameHeader | null>();
    this.ready = ready.promise;
    this.ended = this.waitForEnd();
    void this.ended.then(() => ready.resolve(null));
    this.listen(ready.resolve);
    this.watch();
  }

  get pid(): number | null {
    return this.process.pid ?? null;
  }

  get state(): ProcessState {
    return this.current;
  }

  note(event: "work" | "settle" | "interrupt"): void {
    this.apply({ type: event });
  }

  send(header: object, body?: Uint8Array): boolean {
    if (this.life.signal.aborted || !this.process.stdin.writable) return true;
    let keepsUp = true;
    this.process.stdin.cork();
    for (const part of encodeFrame(header, body)) keepsUp = this.process.stdin.write(part);
    this.process.stdin.uncork();
    return keepsUp;
  }

  async drained(): Promise<void> {
    if (this.life.signal.aborted || !this.process.stdin.writableNeedDrain) return;
    const drain = new Promise<void>((resolve) => this.process.stdin.once("drain", resolve));
    await Promise.race([drain, this.ended]);
  }

  async end({
    graceMillis = DEFAULT_GRACE_MILLIS,
    because = { kind: "requested" } as EndReason,
  } = {}): Promise<EndReason> {
    this.because ??= because;
    if (this.life.signal.aborted) return this.ended;
    if (graceMillis > 0) {
      this.process.stdin.end();
      if (await this.endsWithin(graceMillis)) return this.ended;
      this.process.kill("SIGTERM");
      if (await this.endsWithin(graceMillis)) return this.ended;
    }
    this.process.kill("SIGKILL");
    return this.ended;
  }

  private apply(event: ProcessEvent): void {
    const next = nextState(this.current, event);
    if (next === this.current) return;
    this.current = next;
    this.options.onState?.(next);
  }

  private listen(onReady: (header: FrameHeader) => void): void {
    const decoder = new FrameDecoder((header, body) => {
      if (this.current.phase === "starting") {
        this.apply({ type: "ready" });
        onReady(header);
      }
      this.options.onFrame(header, body);
    });
    this.process.stdout.on("data", (bytes: Buffer) => {
      if (this.because?.kind === "broken-protocol") return;
      try {
        decoder.push(bytes);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        void this.end({ graceMillis: 0, because: { kind: "broken-protocol", problem } });
      }
    });
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_TAIL_BYTES);
      this.options.onStderr?.(text);
    });
    // A write to a process that just left fails here; its exit is what tells the story.
    this.process.stdin.on("error", () => undefined);
  }

  private watch(): void {
    const { readyWithinMillis, memoryLimitBytes } = this.options;
    void this.readyWithin(readyWithinMillis);
    if (memoryLimitBytes === undefined || this.process.pid === undefined) return;
    const onExceeded = (): void => {
      void this.end({ graceMillis: 0, because: { kind: "out-of-memory", limitBytes: memoryLimitBytes } });
    };
    watchMemory(this.process.pid, memoryLimitBytes, onExceeded, this.life.signal);
  }

  private async readyWithin(millis: number): Promise<void> {
    await Promise.race([this.ready, delay(millis, this.life.signal)]);
    if (this.current.phase !== "starting" || this.life.signal.aborted) return;
    const problem = `it was not ready within ${millis} ms.`;
    await this.end({ graceMillis: 0, because: { kind: "failed-to-start", problem, stderrTail: this.stderrTail } });
  }

  private async waitForEnd(): Promise<EndReason> {
    const own = await new Promise<EndReason>((resolve) => {
      this.process.once("error", (error) => {
        // "error" also tells of a signal that could not be sent: only a process that never was has no pid.
        if (this.process.pid !== undefined) return;
        resolve({ kind: "failed-to-start", problem: error.message, stderrTail: "" });
      });
      // "close", not "exit": the last frames and the last words on stderr come first.
      this.process.once("close", (code, signal) => resolve(this.reasonFromExit(code, signal)));
    });
    this.because ??= own;
    const because = this.because;
    this.life.abort();
    this.apply({ type: "end", because });
    return because;
  }

  private reasonFromExit(code: number | null, signal: NodeJS.Signals | null): EndReason {
    const stderrTail = this.stderrTail;
    if (/heap out of memory|process out of memory|std::bad_alloc/i.test(stderrTail))
      return { kind: "out-of-memory", limitBytes: this.options.memoryLimitBytes ?? null };
    if (this.current.phase === "starting") {
      const problem = signal === null ? `it left with exit code ${code}.` : `it was killed by ${signal}.`;
      return { kind: "failed-to-start", problem, stderrTail };
    }
    return signal === null ? { kind: "left", code: code ?? 0, stderrTail } : { kind: "killed", signal, stderrTail };
  }

  private async endsWithin(millis: number): Promise<boolean> {
    await Promise.race([this.ended, delay(millis, this.life.signal)]);
    return this.life.signal.aborted;
  }
}

/** Resolves after `millis` or when `signal` aborts, whichever is first; does not keep this process alive. */
function delay(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, millis);
    timer.unref();
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

export interface RunResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a short command to its end and collects what it prints; the environment is exactly `env`.
 * @throws Error when it cannot be started, prints more than `maxOutputBytes`, or takes longer than `timeoutMillis`.
 */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly input?: string;
    readonly timeoutMillis?: number;
    readonly maxOutputBytes?: number;
  },
): Promise<RunResult> {
  const { env, cwd, input, timeoutMillis = 60_000, maxOutputBytes = 16 * 1024 * 1024 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      env: { ...env },
      ...(cwd === undefined ? {} : { cwd }),
      windowsHide: true,
    });
    let failure: Error | undefined;
    const fail = (error: Error): void => {
      failure ??= error;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => fail(new Error(`${command} took longer than ${timeoutMillis} ms`)), timeoutMillis);
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
        if (output[stream].length > maxOutputBytes)
          fail(new Error(`${command} printed more than ${maxOutputBytes} bytes`));
      });
    }
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    child.once("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`${command} could not be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (failure === undefined) resolve({ code, signal, ...output });
      else reject(failure);
    });
  });
}
