import { defineConfig } from "vite";

export default defineConfig({
  base: "/stage/",
  // Bundled into a file of its own: an AudioWorklet is loaded by address, and the page's policy allows our own alone.
  worker: { format: "es" },
  build: {
    outDir: "../dist/stage",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
