/** The words about the streamer's own layouts of the stage page. */
export const layouts = {
  layouts: {
    title: "Stage layouts",
    lead: "Place the layers yourself. A saved layout has an address for OBS, and open pages change when you save it.",
    kept: "Saved layouts",
    fresh: "New",
    from: "Begin with",
    beginning: { talk: "Talk show", host: "Host alone", game: "Beside a game" },
    preview: "Preview with examples",
    hint: "Drag a layer, or choose it and use the arrow keys; with Shift further, with Alt to size it.",
    at: "{layer}: {x} % from the left, {y} % from above, {w} % wide, {h} % high",
    field: { x: "Left, %", y: "Top, %", w: "Width, %", h: "Height, %", size: "Letters, {n} %" },
    front: "To the front",
    behind: "To the back",
    undo: "Undo",
    redo: "Redo",
    reset: "Reset",
    name: "Name",
    example: "Evening talk",
    save: "Save",
    saved: "Saved. Open pages show it now.",
    unsaved: "Not saved yet: open pages show it as it was.",
    taken: "There is a layout of that name. Choose it, or another name.",
    drop: "Delete",
    sizes: "Size of the source in OBS:",
  },
};

export type LayoutsMessages = typeof layouts;
