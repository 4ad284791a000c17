/** The words about what the model may call. */
export const tools = {
  tools: {
    title: "工具",
    hint: "主持想做的事：等你确认的，以及最近几次的结果。",
    waits: "{n} 项等你确认",
    quiet: "没有等待的",
    yes: "执行",
    no: "不执行",
    left: "还剩 {s} 秒",
    last: "最近的调用",
    origin: { viewer: "观众", moderator: "房管", streamer: "主播", host: "主持自己" },
    outcome: {
      done: "完成",
      failed: "失败",
      refused: "拒绝",
      waiting: "等待中",
      declined: "你没有同意",
      expired: "无人确认",
      withdrawn: "原消息已删除",
      repeated: "已回答过",
      cancelled: "被打断",
    },
  },
};
