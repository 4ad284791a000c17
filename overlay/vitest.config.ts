import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

// Pages that need a DOM say so at the top of the test file: // @vitest-environment jsdom
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ["*/tests/**/*.test.ts"],
    environment: "node",
    testTimeout: 5_000,
  },
});
