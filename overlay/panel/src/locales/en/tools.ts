/** The words about what the model may call. */
export const tools = {
  tools: {
    title: "Tools",
    hint: "What the host asked to do: what waits for your word, and what became of the last calls.",
    waits: "{n} waiting for you",
    quiet: "nothing waits",
    yes: "Do it",
    no: "Leave it",
    left: "{s} s left",
    last: "Last calls",
    origin: { viewer: "viewer", moderator: "moderator", streamer: "streamer", host: "the host itself" },
    outcome: {
      done: "done",
      failed: "failed",
      refused: "refused",
      waiting: "waits",
      declined: "you said no",
      expired: "nobody answered",
      withdrawn: "its line was deleted",
      repeated: "answered before",
      cancelled: "cut",
    },
  },
};
