import type { NamesMessages } from "../en/names.ts";

export const names: NamesMessages = {
  names: {
    title: "名字的读法",
    hint: "语音怎样念一个名字。画面上的字不变。",
    all: "全部名字",
    name: "名字",
    spelled: "念作",
    example: "缠鱼",
    language: "用于",
    tongue: {
      any: "所有语言",
      en: "英语",
      zh: "中文",
      ja: "日语",
    },
    add: "添加",
    drop: "删除",
    dropOf: "删除名字“{name}”",
    persona: "来自角色",
    empty: "还没有指定读法的名字。",
    full: "名单已满。",
  },
};
