import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/chat/",
  plugins: [vue()],
  define: {
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: "../dist/chat",
    emptyOutDir: true,
    license: { fileName: "licenses.md" }, // of the libraries that are bundled: their terms travel with them
    target: "es2022",
    modulePreload: { polyfill: false },
    // The page's policy allows no script in the page itself, and no address but our own.
    assetsInlineLimit: 0,
  },
});
