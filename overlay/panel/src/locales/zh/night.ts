import type { NightMessages } from "../en/night.ts";

export const night: NightMessages = {
  night: {
    title: "夜间储备",
    hint: "主播主动说的内容，也是模型或语音不可用时的储备。",
    talks: {
      silent: "不主动说话",
      seldom: "很少说话",
      sometimes: "偶尔说话",
      often: "经常说话",
      always: "不会长时间沉默",
    },
    away: "模型不在：播放储备",
    mute: "没有可用的语音：只能听到预先录好的内容（{n} 段）。",
    unsaid: "未说过",
    spoken: "已预录",
    speech: "录音时长",
    share: "接下来的内容已预录 {n}%",
    kind: {
      topic: "话题",
      story: "故事",
      fact: "设定",
      recap: "回顾",
      question: "答问",
    },
    fresh: "（{n} 段新的）",
    empty: "还没有准备内容。",
    last: "最近使用：{time}",
    draft: "立即准备一段",
    drafted: {
      none: "",
      wanted: "模型空闲后立即准备",
      kept: "已存入一段",
      dropped: "没有存入：内容太相似、未过审核，或模型不可用",
    },
    all: "全部内容（{n}）",
    said: "{time} 说过",
    never: "未说过",
    sound: "有录音",
    drop: "删除",
    dropOf: "删除“{words}…”",
  },
};
