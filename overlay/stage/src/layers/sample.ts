/** A show that is none: fills the layers with examples, for the panel's preview and for whoever writes a style. */
import type { Alert, ChatLine, ServerMessage } from "@haishin/common/protocol";

type Tell = (message: ServerMessage) => void;

const NAMES = ["ana", "小鱼", "Kenji", "מאיה", "starlight_42", "晚安玛卡巴卡", "bo"];
const LINES: Record<string, string[]> = {
  en: [
    "good evening everyone!",
    "that lamp is so cosy ✨",
    "what are we doing tonight?",
    "first time here, hi 👋🏽",
    "שלום לכולם",
    "今天也来啦",
  ],
  zh: ["大家晚上好！", "这盏灯好温馨 ✨", "今晚聊什么呀？", "第一次来，你好 👋🏽", "前排围观", "哈哈哈哈哈哈"],
  ja: ["こんばんは！", "このランプいいね ✨", "今夜は何をするの？", "初見です 👋🏽", "かわいい", "おやすみなさい"],
};
const SAYS: Record<string, string> = {
  en: "Good question! I would put the lamp by the window, so that the rain has somebody to talk to.",
  zh: "好问题！我会把灯放在窗边，这样下雨的时候，雨也有个伴。",
  ja: "いい質問だね。わたしなら、ランプは窓のそばに置くよ。雨にも話し相手がいるでしょう？",
};
const VOTE: Record<string, [string, string[]]> = {
  en: ["What do we drink tonight?", ["green tea", "cocoa", "rain water"]],
  zh: ["今晚喝什么？", ["绿茶", "热可可", "雨水"]],
  ja: ["今夜は何を飲む？", ["緑茶", "ココア", "雨水"]],
};
const MORE: Record<
  string,
  {
    segment: string;
    next: string;
    goal: string;
    asks: string;
    thanks: string;
    gift: string;
    words: string;
    song: string;
    band: string;
  }
> = {
  en: {
    segment: "Evening talk",
    next: "Quiz, 21:00",
    goal: "A new lamp",
    asks: "Mira, where would you put the lamp?",
    thanks: "Thank you so much!",
    gift: "rocket",
    words: "For the lamp fund!",
    song: "Rain on a tin roof",
    band: "The Quiet Lamps",
  },
  zh: {
    segment: "晚间闲聊",
    next: "问答，21:00",
    goal: "换一盏新灯",
    asks: "小云，灯放哪里好呢？",
    thanks: "谢谢你，太感动了！",
    gift: "小火箭",
    words: "给新灯加油！",
    song: "铁皮屋顶的雨",
    band: "安静的灯",
  },
  ja: {
    segment: "夜のおしゃべり",
    next: "クイズ、21:00",
    goal: "新しいランプ",
    asks: "ランプはどこに置く？",
    thanks: "ありがとう！",
    gift: "ロケット",
    words: "ランプ代にどうぞ！",
    song: "トタン屋根の雨",
    band: "しずかなランプ",
  },
};

function of<T>(table: Record<string, T>, language: string): T {
  const found = table[language.slice(0, 2).toLowerCase()] ?? table.en;
  if (!found) throw new Error("there are no samples");
  return found;
}

function line(number: number, language: string): ChatLine {
  const texts = of(LINES, language);
  return {
    type: "chat",
    key: `sample/${number}`,
    source: "sample",
    author: NAMES[number % NAMES.length] ?? "ana",
    role: number % 7 === 2 ? "moderator" : number % 7 === 4 ? "subscriber" : "",
    kind: "chat",
    parts: [{ text: texts[number % texts.length] ?? "", emote: "" }],
    amount: "",
    item: "",
    count: 1,
    combo: "",
    tier: 0,
  };
}

/** Play it, over and over. `screen` holds a screen instead. */
export function play(tell: Tell, language: string, screen = ""): void {
  const more = of(MORE, language);
  tell({ type: "dress", theme: "glass", css: 0, sources: ["sample"], volume: 0, files: {} });
  const states = ["starting", "break", "technical", "ending", "offline"] as const;
  const held = states.find((one) => one === screen);
  tell({ type: "screen", state: held ?? "live" });
  tell({ type: "segment", name: more.segment, kind: "talk", left_s: 754, length_s: 1_800, next: more.next });
  tell({
    type: "goals",
    goals: [{ title: more.goal, value: 68, target: 120, unit: "USD" }],
    hype: 2,
  });
  tell({ type: "playing", title: more.song, by: more.band });
  const [title, choices] = of(VOTE, language);
  const vote = (counts: number[], left: number) =>
    tell({ type: "vote", kind: "poll", title, choices, counts, number: 0, total: 0, left_s: left, answer: "" });
  vote([12, 31, 5], 48);
  let number = 0;
  const chat = () => {
    if (number % 9 === 6) tell(paid(number, more.words, 2, "5 USD"));
    else if (number % 9 === 3) tell({ ...paid(number, "", 1, ""), kind: "gift", item: more.gift, count: 3 });
    else tell(line(number, language));
    number += 1;
  };
  for (let n = 0; n < 9; n++) chat();
  setInterval(chat, 1_800);
  setInterval(() => vote([12 + number, 31 + number * 2, 5 + (number % 4)], Math.max(0, 48 - number)), 3_000);
  const alerts = () => {
    tell(alert(number, 2, more.words, more.thanks));
    setTimeout(() => tell(alert(number + 10_000, 4, "", more.thanks)), 7_000);
  };
  alerts();
  setInterval(alerts, 20_000);
  tell({
    type: "answer",
    key: "sample/asks",
    source: "sample",
    author: "starlight_42",
    kind: "chat",
    text: more.asks,
    more: 2,
  });
  let epoch = 1;
  const speak = () => {
    const text = of(SAYS, language);
    const ms = 6_000;
    epoch += 1;
    const clause = { type: "speak", epoch, clause: 0, text, language: language.slice(0, 2), emotion: "joy" } as const;
    tell({ ...clause, gestures: [], rate: 0, from_ms: 0, silent_ms: ms });
    for (let at = 200; at <= ms; at += 200) {
      const done = at >= ms;
      setTimeout(
        () => tell({ type: "progress", epoch, clause: 0, position_ms: at, duration_ms: ms, finished: done }),
        at,
      );
    }
  };
  speak();
  setInterval(speak, 9_500);
}

function paid(number: number, text: string, tier: number, amount: string): ChatLine {
  const parts = text ? [{ text, emote: "" }] : [];
  return { ...line(number, "en"), parts, kind: "super_chat", tier, amount };
}

function alert(number: number, tier: number, text: string, thanks: string): Alert {
  return {
    type: "alert",
    id: `sample/${number}/${performance.now()}`,
    source: "sample",
    kind: tier > 3 ? "guard" : "super_chat",
    author: NAMES[(number + tier) % NAMES.length] ?? "ana",
    line: thanks,
    text,
    amount: tier > 3 ? "50 USD" : "5 USD",
    item: "",
    count: 1,
    combo: "",
    tier,
    sound: false,
  };
}
