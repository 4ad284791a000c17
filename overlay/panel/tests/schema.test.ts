import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** `api.ts` is written by hand, so that it reads well; this holds it to the server's models. */
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const python = read("../../../bot/web/schema.py");
const typescript = read("../src/api.ts");

/** Models that the control room uses. */
const MODELS = [
  "Receipt",
  "Done",
  "ActIn",
  "SignInOrder",
  "SignIn",
  "MissingItem",
  "Connection",
  "Hold",
  "Alarm",
  "Stream",
  "QueueItem",
  "NowClause",
  "NowMessage",
  "Now",
  "TurnLine",
  "Part",
  "Stage",
  "Counts",
  "PanelState",
];

const words = (text: string) => [...text.matchAll(/"([^"]+)"/gu)].map(([, word = ""]) => word).sort();

/** Fields of a model, each with the words of its `Literal`, if it is one. */
function fieldsOfModel(name: string): [string, string[]][] {
  const body = new RegExp(`^class ${name}\\(Model\\):\\n((?:(?: {4}.*)?\\n)+)`, "mu").exec(python)?.[1];
  if (!body) throw new Error(`schema.py has no ${name}`);
  return [...body.matchAll(/^ {4}(\w+): (.+)$/gmu)].map(([, field = "", type = ""]) => [
    field,
    words(/^Literal\[(.*?)\]/u.exec(type)?.[1] ?? ""),
  ]);
}

/** Fields of an interface, each with the words of its union, through one alias. */
function fieldsOfInterface(name: string): [string, string[]][] {
  const body = new RegExp(`^export interface ${name} \\{\\n((?: {2}.*\\n)+)\\}`, "mu").exec(typescript)?.[1];
  if (!body) throw new Error(`api.ts has no ${name}`);
  return [...body.matchAll(/^ {2}(\w+)\??: (.+);$/gmu)].map(([, field = "", type = ""]) => [field, words(union(type))]);
}

function union(type: string): string {
  return new RegExp(`^export type ${type} =([^;]+);`, "mu").exec(typescript)?.[1] ?? type;
}

/** Named types of the server stand in the models by their name: `Kind`, `Action` and `Role`. */
const NAMED = new Set(["kind", "action", "actions", "role"]);
const plain = (fields: [string, string[]][]) => fields.map(([name, of]) => [name, NAMED.has(name) ? [] : of]);

it.each(MODELS)("has the fields of the server's %s", (name) => {
  const fields = fieldsOfModel(name);
  expect(fields.length).toBeGreaterThan(0);
  expect(plain(fieldsOfInterface(name))).toEqual(plain(fields));
});

it("knows every kind of message every action and every role", () => {
  const kinds = /^class Kind\(StrEnum\):\n((?:(?: {4}.*)?\n)+)/mu.exec(read("../../../bot/types.py"))?.[1] ?? "";
  const values = [...kinds.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gmu)].map(([, value]) => value).sort();
  expect(values.length).toBeGreaterThan(0);
  expect(words(union("Kind"))).toEqual(values);
  for (const name of ["Action", "Role"]) {
    const literal = new RegExp(`^${name} = Literal\\[([^\\]]+)\\]`, "mu").exec(python)?.[1] ?? "";
    expect(words(literal).length).toBeGreaterThan(0);
    expect(words(union(name))).toEqual(words(literal));
  }
});
