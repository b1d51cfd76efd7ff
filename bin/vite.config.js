import { fileURLToPath } from "node:url";

/** The pages: `vite build client` writes `dist/web`. File names hold a content hash, so they can be kept forever. */
export default {
  root: fileURLToPath(new URL("../client/", import.meta.url)),
  base: "/",
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
};
