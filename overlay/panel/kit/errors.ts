import { ApiError } from "./http.ts";

/** Statuses that have words of their own in the messages under `error`. */
const KNOWN = new Set([0, 401, 403, 404, 409, 413, 422, 429, 503]);

/** The part of a translator that errors need. */
export type Translate = (key: string) => string;

/** Say what went wrong in plain words: ours in the page's language, then the server's own where it gave some. */
export function errorWords(error: unknown, t: Translate): string {
  if (!(error instanceof ApiError)) throw error;
  const ours = t(`error.${KNOWN.has(error.status) ? error.status : "other"}`);
  return error.detail ? `${ours} (${error.detail})` : ours;
}

/** The messages under `error`, for both pages. */
export const errorMessages = {
  en: {
    0: "Haishin does not answer. Is it still running?",
    401: "The token is missing or wrong.",
    403: "This is not allowed.",
    404: "That is gone already.",
    409: "Not possible right now.",
    413: "That is too long.",
    422: "Haishin did not understand that.",
    429: "Too fast. Wait a moment.",
    503: "Haishin is busy. Try again in a moment.",
    other: "Something went wrong in Haishin.",
  },
  zh: {
    0: "Haishin 没有响应，它还在运行吗？",
    401: "令牌缺失或不正确。",
    403: "没有权限。",
    404: "它已经不在了。",
    409: "现在不能这样做。",
    413: "内容太长了。",
    422: "Haishin 没看懂这条内容。",
    429: "太快了，请稍等一下。",
    503: "Haishin 正忙，请稍后再试。",
    other: "Haishin 出了点问题。",
  },
} as const;
