/** What of Deno these files use; Deno's own types are not part of the room. */
export interface WorkerHandle {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string; preventDefault(): void }) => void) | null;
}

interface DenoNamespace {
  readonly args: readonly string[];
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  readonly stdout: { readonly writable: WritableStream<Uint8Array> };
  inspect(value: unknown, options?: Readonly<Record<string, unknown>>): string;
  exit(code: number): never;
}

interface Runtime {
  readonly Deno: DenoNamespace;
  readonly Worker: new (url: URL, options: Readonly<Record<string, unknown>>) => WorkerHandle;
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

export const runtime = globalThis as unknown as Runtime;
