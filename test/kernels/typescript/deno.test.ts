import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DenoTypeScriptKernel } from "../../../kernels/typescript/deno-typescript-kernel.ts";
import { kernelConformance } from "./conformance.ts";

if (!existsSync(fileURLToPath(new URL("../../../dist/kernel/main.js", import.meta.url))))
  await import("../../../kernels/typescript/build-bootstrap.ts");

kernelConformance("the TypeScript kernel under Deno", (configuration) => new DenoTypeScriptKernel(configuration));
