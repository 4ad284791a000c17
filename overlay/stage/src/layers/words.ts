/** The words of the layers themselves, in the language of the page (`?lang=`). */
import type { Screen } from "@haishin/common/protocol";

interface Words {
  answers: string;
  more: string;
  next: string;
  vote: string;
  votes: string;
  question: string;
  answer: string;
  hype: string;
  playing: string;
  crowd: (count: number, people: number) => string;
  screens: Record<Exclude<Screen["state"], "live">, [string, string]>;
  gave: Record<string, string>;
}

const en: Words = {
  answers: "answering",
  more: "and {n} more",
  next: "Next",
  vote: "Vote",
  votes: "votes",
  question: "Question {n} of {of}",
  answer: "Answer",
  hype: "Hype train, level",
  playing: "Now playing",
  crowd: (count, people) => `${count} gifts from ${people} viewers`,
  screens: {
    starting: ["Starting soon", "The stream begins in a moment."],
    break: ["Be right back", "A short break. Stay with us."],
    technical: ["Technical difficulties", "We are on it. The show goes on."],
    ending: ["Thank you for watching", "See you next time."],
    offline: ["Offline", "The stream is over."],
  },
  gave: {
    cheer: "cheers",
    gift: "sends",
    super_chat: "Super Chat",
    sub: "subscribes",
    guard: "joins the guard",
    raid: "raids",
    follow: "follows",
    redemption: "redeems",
  },
};

const zh: Words = {
  answers: "正在回复",
  more: "等 {n} 条",
  next: "接下来",
  vote: "投票",
  votes: "票",
  question: "第 {n} 题，共 {of} 题",
  answer: "答案",
  hype: "热度列车 等级",
  playing: "正在播放",
  crowd: (count, people) => `${people} 位观众送出 ${count} 份礼物`,
  screens: {
    starting: ["即将开始", "直播马上开始，请稍候。"],
    break: ["马上回来", "休息一下，不要走开。"],
    technical: ["技术故障", "正在处理，节目继续。"],
    ending: ["感谢观看", "下次再见。"],
    offline: ["已下播", "本场直播已结束。"],
  },
  gave: {
    cheer: "送出欢呼",
    gift: "送出",
    super_chat: "醒目留言",
    sub: "订阅",
    guard: "上舰",
    raid: "带队来访",
    follow: "关注",
    redemption: "兑换",
  },
};

const ja: Words = {
  ...en,
  answers: "返信中",
  more: "ほか{n}件",
  next: "次は",
  vote: "投票",
  votes: "票",
  question: "第{n}問／全{of}問",
  answer: "正解",
  hype: "ハイプトレイン レベル",
  playing: "再生中",
  crowd: (count, people) => `${people}人から${count}個のギフト`,
  screens: {
    starting: ["まもなく開始", "もう少しお待ちください。"],
    break: ["すぐ戻ります", "少し休憩します。"],
    technical: ["調整中", "ただいま対応しています。"],
    ending: ["ご視聴ありがとうございました", "また次回。"],
    offline: ["配信終了", "本日の配信は終了しました。"],
  },
  gave: {
    cheer: "チアー",
    gift: "ギフト",
    super_chat: "スーパーチャット",
    sub: "サブスク",
    guard: "艦長",
    raid: "レイド",
    follow: "フォロー",
    redemption: "引き換え",
  },
};

export type { Words };

/** The words of a language; English where there are none. */
export function wordsOf(language: string): Words {
  const of = language.toLowerCase();
  return of.startsWith("zh") ? zh : of.startsWith("ja") ? ja : en;
}
