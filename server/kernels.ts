import type { TypeScriptKernel } from "../kernels/typescript/typescript-kernel.ts";

/** Until the kernel's process is part of the program, cells that need it say so; SQL, inputs and prose run. */
export function newKernel(): TypeScriptKernel {
  throw new Error("TypeScript cells do not run in this version yet.");
}
