import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { errorMessages, errorWords } from "../kit/errors.ts";
import { ApiError, Client, wordsOf } from "../kit/http.ts";

let server: Server;
let base: string;
let asked: { method?: string | undefined; url?: string | undefined; token?: string | undefined; body: string }[];
let answer: { status: number; body: string };

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: '{"ok":true}' };
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += new TextDecoder().decode(piece);
    });
    request.on("end", () => {
      asked.push({ method: request.method, url: request.url, token: request.headers.authorization, body });
      response.writeHead(answer.status, { "content-type": "application/json", connection: "close" }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const failure = async (call: Promise<unknown>): Promise<ApiError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error("no ApiError was raised");
};

it("carries the token and the body", async () => {
  await expect(new Client("s3cret").post(`${base}/api/say`, { text: "你好" })).resolves.toEqual({ ok: true });
  expect(asked).toEqual([{ method: "POST", url: "/api/say", token: "Bearer s3cret", body: '{"text":"你好"}' }]);
});

it("gives the server's words with the status", async () => {
  answer = { status: 409, body: '{"detail":"the show is stopped"}' };
  const error = await failure(new Client("t").post(`${base}/api/say`));
  expect(error).toMatchObject({ status: 409, detail: "the show is stopped", denied: false, transient: false });
});

it("knows a refused token, an answer that is no JSON, and a server that is gone", async () => {
  answer = { status: 401, body: "<html>" };
  expect(await failure(new Client("t").get(`${base}/api/state`))).toMatchObject({ denied: true, detail: "" });
  answer = { status: 200, body: "<html>" };
  expect(await failure(new Client("t").get(`${base}/api/state`))).toMatchObject({ status: 0, transient: true });
  await new Promise((resolve) => server.close(resolve));
  expect(await failure(new Client("t").get(`${base}/api/state`))).toMatchObject({ status: 0, transient: true });
});

it("reads words out of every shape of detail", () => {
  expect(wordsOf({ detail: [{ msg: "too long" }, { msg: "bad type" }] })).toBe("too long; bad type");
  for (const odd of [null, "x", {}, { detail: 3 }, { detail: [null, 4] }]) expect(wordsOf(odd)).toBe("");
});

it("has plain words for each status in both languages", () => {
  const t = (key: string) => {
    const words = errorMessages.zh[key.replace("error.", "") as keyof typeof errorMessages.zh];
    if (!words) throw new Error(`no words for ${key}`);
    return words;
  };
  expect(errorWords(new ApiError(429, "20 lines in 10 s"), t)).toBe("太快了，请稍等一下。 (20 lines in 10 s)");
  expect(errorWords(new ApiError(418, ""), t)).toBe(errorMessages.zh.other);
  for (const status of [0, 401, 403, 404, 409, 413, 422, 429, 503]) {
    expect(errorWords(new ApiError(status, ""), t)).not.toBe(errorMessages.zh.other);
  }
  expect(() => errorWords(new TypeError("a bug"), t)).toThrow("a bug");
});
