import type { LayoutsMessages } from "../en/layouts.ts";

/** 舞台版面编辑器的文字。 */
export const layouts: LayoutsMessages = {
  layouts: {
    title: "舞台版面",
    lead: "自己摆放各个图层。保存后的版面有供 OBS 使用的地址；保存时，已打开的页面立即随之改变。",
    kept: "已保存的版面",
    fresh: "新建",
    from: "起始样式",
    beginning: { talk: "聊天节目", host: "只有主播", game: "游戏旁边" },
    preview: "示例预览",
    hint: "拖动图层，或选中后用方向键移动；按住 Shift 移动更远，按住 Alt 调整大小。",
    at: "{layer}：距左 {x} %，距上 {y} %，宽 {w} %，高 {h} %",
    field: { x: "左，%", y: "上，%", w: "宽，%", h: "高，%", size: "文字 {n} %" },
    front: "移到最前",
    behind: "移到最后",
    undo: "撤销",
    redo: "重做",
    reset: "还原",
    name: "名称",
    example: "晚间闲聊",
    save: "保存",
    saved: "已保存，打开的页面已更新。",
    unsaved: "尚未保存：打开的页面仍显示原来的样子。",
    taken: "已有同名版面。请选择它，或换一个名称。",
    drop: "删除",
    sizes: "OBS 中来源的尺寸：",
  },
};
