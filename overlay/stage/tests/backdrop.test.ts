import { expect, test } from "vitest";
import { isPlainTab } from "../src/backdrop.ts";

test.each([
  ["", false, true],
  ["", true, false],
  ["backdrop=0", false, false],
  ["backdrop=1", true, true],
  ["backdrop=yes", true, false],
])("with ?%s and OBS %s there is a backdrop: %s", (query, obs, backdrop) => {
  expect(isPlainTab(new URLSearchParams(query), obs)).toBe(backdrop);
});
