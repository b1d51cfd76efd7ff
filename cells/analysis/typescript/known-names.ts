/** Names that every cell finds without a cell defining them. `window` and `asOf` are read like any other name. */
export const CELL_NAMES: readonly string[] = [
  "display",
  "progress",
  "sql",
  "Plot",
  "html",
  "md",
  "percent",
  "compact",
  "fixed",
  "money",
  "integer",
  "date",
  "dateTime",
  "duration",
  "drift",
  "kpi",
  "check",
  "reading",
];
/** Given by the session, and part of what a cell reads: they change with the head bar. */
export const SESSION_NAMES: readonly string[] = ["window", "asOf"];

/** What the language and the web platform give to a worker. */
export const STANDARD_GLOBALS: readonly string[] =
  `undefined NaN Infinity globalThis self console Object Function Array Number Boolean String Symbol BigInt Math JSON Date
  RegExp Map Set WeakMap WeakSet WeakRef FinalizationRegistry Promise Proxy Reflect Intl Iterator AsyncIterator Atomics
  ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
  Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Error AggregateError EvalError RangeError ReferenceError
  SyntaxError TypeError URIError SuppressedError DisposableStack AsyncDisposableStack Temporal WebAssembly parseInt parseFloat
  isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape eval fetch Request Response Headers
  FormData Blob File URL URLSearchParams URLPattern TextEncoder TextDecoder TextEncoderStream TextDecoderStream ReadableStream
  WritableStream TransformStream CompressionStream DecompressionStream AbortController AbortSignal Event EventTarget CustomEvent
  ErrorEvent MessageEvent MessageChannel MessagePort BroadcastChannel WebSocket EventSource Worker DOMException performance
  PerformanceEntry PerformanceMark PerformanceMeasure crypto Crypto CryptoKey SubtleCrypto navigator location caches
  setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone reportError atob
  btoa Deno process Buffer global arguments`.split(/\s+/);

const known: ReadonlySet<string> = new Set([...CELL_NAMES, ...STANDARD_GLOBALS]);
const reserved: ReadonlySet<string> = new Set([...CELL_NAMES, ...SESSION_NAMES, ...STANDARD_GLOBALS]);

/** True for names that make no edge in the dataflow. */
export const isKnownName = (name: string): boolean => known.has(name);
/** True for names that a cell may use inside functions, but not define for other cells. */
export const isReservedName = (name: string): boolean => reserved.has(name);
