import type { AvatarMessages } from "../en/avatar.ts";

export const avatar: AvatarMessages = {
  avatar: {
    title: "形象",
    hint: "舞台上由谁出镜：内置形象，或您自己的模型。",
    all: "所有模型",
    builtin: "内置形象",
    fromFile: "persona.yaml 所指定",
    shown: "正在舞台上",
    choose: "换上",
    chooseOf: "在舞台上换上 {name}",
    back: "恢复 persona.yaml 的设置",
    chosen: "这里选定的形象只到主持退出为止，与 persona.yaml 不同；要长期使用，请写在它的 model 一行。",
    author: "作者：{author}",
    licence: "许可：{licence}",
    credit: "舞台上显示：{credit}",
    noLicence: "未说明，请询问作者",
    empty: "还没有您自己的模型。用“haishin vrm add 文件”添加，见 docs/models.md。",
    kind: { vrm: "VRM", live2d: "Live2D" },
  },
};
