import type { BudgetMessages } from "../en/budget.ts";

export const budget: BudgetMessages = {
  budget: {
    title: "预算",
    hint: "模型和语音的花费。接近上限时主播会节省，达到上限后不再使用收费的服务。",
    level: { normal: "预算之内", soft: "节省中", hard: "已用完：只用免费服务" },
    unlimited: "没有上限",
    today: "今天",
    stream: "本场直播",
    paid: "今天用于答谢付费",
    scope: { day: "每天", stream: "每场" },
    of: "{spent} / {limit}",
    reached: "按此速度将于{time}用完",
    share: "已用 {n}%",
    tokens: "{n} 个 token",
    characters: "{n} 个字符",
    calls: "{n} 次",
    none: "目前只计数：可在设置的 budget 中设定上限。",
    links: "服务与价格（{n}）",
    waiting: "最近的数目尚未写入。",
  },
};
