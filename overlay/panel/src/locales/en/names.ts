/** The words about names that are read aloud in another spelling. */
export const names = {
  names: {
    title: "Names, read aloud",
    hint: "How the voice says a name. What is shown does not change.",
    all: "All names",
    name: "Name",
    spelled: "Say it like",
    example: "shiv-AWN",
    language: "Where",
    tongue: {
      any: "in every language",
      en: "in English",
      zh: "in Chinese",
      ja: "in Japanese",
    },
    add: "Add",
    drop: "Drop",
    dropOf: "Drop the name “{name}”",
    persona: "from the persona",
    empty: "No name is spelled for the voice yet.",
    full: "The list is full.",
  },
};

export type NamesMessages = typeof names;
