import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig } from "vite";
import { dependencies } from "./package.json" with { type: "json" };

/** Put the fonts' terms beside them: the list of licenses knows scripts alone. */
function fontLicenses() {
  const { resolve } = createRequire(import.meta.url);
  return {
    name: "font-licenses",
    generateBundle() {
      for (const font of Object.keys(dependencies).filter((name) => name.startsWith("@fontsource"))) {
        const source = readFileSync(resolve(`${font}/LICENSE`), "utf8");
        this.emitFile({ type: "asset", fileName: `licenses/${font.split("/")[1]}.txt`, source });
      }
    },
  };
}

export default defineConfig({
  base: "/stage/",
  plugins: [fontLicenses()],
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
