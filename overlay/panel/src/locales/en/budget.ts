/** The words about the budget: what models and voices cost, and how much of a limit is spent. */
export const budget = {
  budget: {
    title: "Budget",
    hint: "What models and voices cost. Near a limit the host is thrifty; at the limit it asks nothing that costs.",
    level: { normal: "within the budget", soft: "thrifty", hard: "spent: free links alone" },
    unlimited: "no limit",
    today: "Today",
    stream: "This stream",
    paid: "For money, today",
    scope: { day: "Day", stream: "Stream" },
    of: "{spent} of {limit}",
    reached: "at this pace reached {time}",
    share: "{n} per cent spent",
    tokens: "{n} tokens",
    characters: "{n} characters",
    calls: "{n} calls",
    none: "It is counted alone: a limit is set under ‘budget’ in the settings.",
    links: "Links and prices ({n})",
    waiting: "The last sums are not written yet.",
  },
};

export type BudgetMessages = typeof budget;
