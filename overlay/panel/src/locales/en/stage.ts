/** The words about the stage page's layers. */
export const layers = {
  layers: {
    title: "Stage layers",
    show: "Set up",
    hide: "Hide",
    lead: "Choose what a source in OBS shows. One source may show everything; or give each layer a source of its own.",
    which: "Layers",
    name: {
      avatar: "Host",
      captions: "Captions",
      chat: "Chat",
      answer: "Being answered",
      alerts: "Alerts",
      goals: "Goals",
      vote: "Vote and quiz",
      segment: "Segment",
      clock: "Clock",
      screens: "Screens",
      label: "AI label",
    },
    theme: "Theme",
    themes: { own: "As set", glass: "Glass", paper: "Paper", neon: "Neon", ink: "Ink" },
    layout: "Layout",
    layouts: { wide: "16:9", tall: "9:16" },
    language: "Language",
    platforms: "Chat and alerts of",
    all: "all together",
    first:
      "Without a choice the chat box shows one platform. Twitch's rules ask that its chat is not merged with others.",
    noLabel: "No layer here shows the AI label. Let another source show it.",
    none: "Choose a layer.",
    preview: "Preview with examples",
    size: "Width {w}, height {h} in OBS",
    copy: "Copy the address",
    copied: "Copied. It holds the stage's key.",
    notCopied: "This browser does not let the page copy. Open the address and copy it there.",
    open: "Open",
  },
};

export type LayersMessages = typeof layers;
