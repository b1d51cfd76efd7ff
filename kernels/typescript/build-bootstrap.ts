/**
 * Bundles what runs under Deno, with all that it imports, into `dist/kernel`: a kernel loads two files and no package
 * of ours. Run by `bin/build.js` when a source is newer.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export async function buildBootstrap(outDir: string = path.join(ROOT, "dist", "kernel")): Promise<void> {
  for (const name of ["main", "worker"])
    await build({
      configFile: false,
      root: ROOT,
      logLevel: "warn",
      build: {
        outDir,
        emptyOutDir: name === "main",
        target: "es2024",
        minify: false,
        lib: {
          entry: path.join(ROOT, `kernels/typescript/deno/${name}.ts`),
          formats: ["es"],
          fileName: () => `${name}.js`,
        },
        rollupOptions: { external: [], output: { codeSplitting: false } as never },
      },
      ssr: { noExternal: true },
    });
}

await buildBootstrap();
