import { defineConfig } from "vite";

export default defineConfig({
  base: "/stage/",
  build: {
    outDir: "../dist/stage",
    emptyOutDir: true,
    license: { fileName: "licenses.md" }, // of the libraries that are bundled: their terms travel with them
    target: "chrome103", // the Chromium of OBS 28, the oldest that streamers still run
    modulePreload: false,
    assetsInlineLimit: 0, // the server's policy allows files of its own, not data: scripts
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
