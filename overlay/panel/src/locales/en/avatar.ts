/** The words about the figure on the stage. */
export const avatar = {
  avatar: {
    title: "Avatar",
    hint: "Who is drawn on the stage: the built-in figure, or a model of your own.",
    all: "All models",
    builtin: "The built-in figure",
    fromFile: "in persona.yaml",
    shown: "on the stage",
    choose: "Show",
    chooseOf: "Show {name} on the stage",
    back: "As persona.yaml says",
    chosen: "Chosen here, until the host ends. persona.yaml says otherwise; its line “model” says it for good.",
    author: "by {author}",
    licence: "licence: {licence}",
    credit: "the stage shows: {credit}",
    noLicence: "not said; ask its author",
    empty: "There is no model of your own yet. “haishin vrm add FILE” brings one: see docs/models.md.",
    kind: { vrm: "VRM", live2d: "Live2D" },
  },
};

export type AvatarMessages = typeof avatar;
