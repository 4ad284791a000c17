/** The budget on the wire: `bot/control/schemas/budget.py` in TypeScript. Money is in US dollars. */

export type BudgetLevel = "normal" | "soft" | "hard";

/** One limit, in dollars or in tokens; `reached_at`: when it is reached at the pace of the last hour. */
export interface BudgetLimit {
  scope: "day" | "stream";
  unit: "usd" | "tokens";
  spent: number;
  limit: number;
  level: BudgetLevel;
  reached_at: string | null;
}

/** One link of a chain, and what it took today; `priced` is false for a price that is not known. */
export interface BudgetLink {
  kind: "llm" | "tts";
  name: string;
  model: string;
  price: string;
  source: string;
  priced: boolean;
  calls: number;
  tokens: number;
  characters: number;
  usd: number;
}

/** How the budget stands. `paid` is what of today answered or thanked for money; `waiting` sums are not written yet. */
export interface BudgetView {
  level: BudgetLevel;
  limits: BudgetLimit[];
  links: BudgetLink[];
  today: number;
  stream: number | null;
  paid: number;
  waiting: number;
}
