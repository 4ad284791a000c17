/** The words about the night bank: what the host has ready for when the model or the voice is gone. */
export const night = {
  night: {
    title: "Night bank",
    hint: "What the host says of its own accord, and has ready for when the model or the voice is gone.",
    talks: {
      silent: "says nothing unasked",
      seldom: "talks seldom",
      sometimes: "talks sometimes",
      often: "talks often",
      always: "never long silent",
    },
    away: "no model: speaks from here",
    mute: "No voice answers: only what was spoken ahead is heard ({n} pieces).",
    unsaid: "Never said",
    spoken: "Spoken ahead",
    speech: "Speech held",
    share: "{n} per cent of the next pieces are spoken ahead",
    kind: {
      topic: "Topics",
      story: "Stories",
      fact: "Facts",
      recap: "Recaps",
      question: "Answers",
    },
    fresh: "({n} new)",
    empty: "Nothing is prepared yet.",
    last: "Used last, {time}",
    draft: "Draft one now",
    drafted: {
      none: "",
      wanted: "is drafted as soon as the model is free",
      kept: "a piece was kept",
      dropped: "nothing was kept: too like another, stopped by moderation, or no model",
    },
    all: "All pieces ({n})",
    said: "said {time}",
    never: "never said",
    sound: "with sound",
    drop: "Drop",
    dropOf: "Drop the piece “{words}…”",
  },
};

export type NightMessages = typeof night;
