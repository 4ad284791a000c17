import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** `api.ts` and `api-moderation.ts` are written by hand, so that they read well; this holds them to the server's models. */
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const python =
  read("../../../bot/control/schemas/panel.py") +
  read("../../../bot/control/schemas/chat.py") +
  read("../../../bot/control/schemas/moderation.py") +
  read("../../../bot/control/schemas/mixer.py") +
  read("../../../bot/control/schemas/programme.py") +
  read("../../../bot/control/schemas/ears.py") +
  read("../../../bot/control/schemas/night.py") +
  read("../../../bot/control/schemas/tools.py") +
  read("../../../bot/control/schemas/pronunciations.py") +
  read("../../../bot/control/schemas/avatar.py");
const typescript =
  read("../src/api.ts") +
  read("../src/api-moderation.ts") +
  read("../src/api-mixer.ts") +
  read("../src/api-programme.ts") +
  read("../src/api-ears.ts") +
  read("../src/api-night.ts") +
  read("../src/api-tools.ts") +
  read("../src/api-names.ts") +
  read("../src/api-avatar.ts");

/** Models that the control room uses. */
const MODELS = [
  "AnswerCallIn",
  "WaitingCall",
  "PastCall",
  "ToolsView",
  "EyesIn",
  "EyesView",
  "CueRemark",
  "DropPieceIn",
  "PronunciationIn",
  "ForgetPronunciationIn",
  "PronunciationItem",
  "PronunciationView",
  "ChooseModelIn",
  "ModelItem",
  "AvatarView",
  "NightKind",
  "NightPiece",
  "NightView",
  "RehearsedView",
  "QuietView",
  "FaultLine",
  "RehearsalView",
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
  "PermitIn",
  "ShieldIn",
  "AuditReason",
  "AuditLine",
  "AuditWhy",
  "HeldLine",
  "ProposedStep",
  "PermitLine",
  "ShieldState",
  "GuardBlock",
  "GuardState",
  "ModerationState",
  "CaseLine",
  "SceneIn",
  "ShowStateIn",
  "CueIn",
  "Rehearsal",
  "SceneHold",
  "CueItem",
  "CueLine",
  "FindingLine",
  "Picture",
  "MixerView",
  "StartIn",
  "SkipIn",
  "ExtendIn",
  "HoldIn",
  "ReorderIn",
  "OnAirView",
  "RunView",
  "ComingView",
  "ProgrammeView",
  "EarsIn",
  "TalkIn",
  "FloorCellIn",
  "FloorRowView",
  "FloorView",
  "HeardLine",
  "EarsView",
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

/** Words of a union, with those of the unions in it. */
function union(type: string): string {
  const body = new RegExp(`^export type ${type} =([^;]+);`, "mu").exec(typescript)?.[1];
  return body?.replace(/\b[A-Z]\w+\b/gu, (name) => union(name)) ?? type;
}

/** Named types of the server stand in the models by their name: `Kind`, `Action`, `Verdict` and so on. */
const NAMED = new Set([
  "kind",
  "action",
  "actions",
  "role",
  "direction",
  "decision",
  "mode",
  "can",
  "stream",
  "record",
  "show",
  "by",
  "outcome",
  "origin",
  "state",
  "phase",
  "chat",
  "event",
  "rule",
  "streamer",
  "grace",
  "thinking",
  "speaking",
  "input",
  "floor",
  "level",
  "why",
  "talks",
  "draft",
  "language",
]);

it.each(MODELS)("has the fields of the server's %s", (name) => {
  const fields = fieldsOfModel(name);
  expect(fields.length).toBeGreaterThan(0);
  const known = new Map(fields);
  // The words of a named type are compared below, those of a `Literal` in the model here.
  const ours = fieldsOfInterface(name).map(([field, of]) => [
    field,
    NAMED.has(field) && !known.get(field)?.length ? [] : of,
  ]);
  expect(ours).toEqual(fields);
});

it("knows every kind of message, and every word that has a name", () => {
  const kinds = /^class Kind\(StrEnum\):\n((?:(?: {4}.*)?\n)+)/mu.exec(read("../../../bot/types.py"))?.[1] ?? "";
  const values = [...kinds.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gmu)].map(([, value]) => value).sort();
  expect(values.length).toBeGreaterThan(0);
  expect(words(union("Kind"))).toEqual(values);
  for (const name of ["Action", "Role", "Verdict", "Direction", "Decision", "ShieldMode"]) {
    const literal = new RegExp(`^${name} = Literal\\[([^\\]]+)\\]`, "mu").exec(python)?.[1] ?? "";
    expect(words(literal).length).toBeGreaterThan(0);
    expect(words(union(name))).toEqual(words(literal));
  }
  const enums = [
    ["OutputState", "../../../bot/stage/obs/mixer.py"],
    ["ShowState", "../../../bot/stage/director/settings.py"],
    ["Hand", "../../../bot/stage/director/scene_keeper.py"],
    ["Why", "../../../bot/stage/director/runs.py"],
    ["Outcome", "../../../bot/stage/director/runs.py"],
    ["RunState", "../../../bot/store/tables.py"],
    ["RunPhase", "../../../bot/store/tables.py"],
    ["ChatMode", "../../../bot/show/segments/segment.py"],
    ["TalkMode", "../../../bot/hearing/ears.py"],
    ["InputState", "../../../bot/hearing/ears.py"],
    ["FloorEvent", "../../../bot/show/floor_settings.py"],
    ["FloorState", "../../../bot/show/floor_settings.py"],
    ["FloorRule", "../../../bot/show/floor_settings.py"],
    ["Level", "../../../bot/show/schedule/check.py"],
    ["Talkativeness", "../../../bot/show/night/settings.py"],
    ["PieceKind", "../../../bot/show/night/settings.py"],
    ["DraftState", "../../../bot/show/night/settings.py"],
    ["ToolOrigin", "../../../bot/mind/tools/function.py", "Origin"],
    ["ToolOutcome", "../../../bot/mind/tools/function.py", "Outcome"],
  ] satisfies [string, string, string?][];
  for (const [name, file, theirs = name] of enums) {
    const members =
      new RegExp(`^class ${theirs}\\(StrEnum\\):\\n((?:(?: {4}.*)?\\n)+)`, "mu").exec(read(file))?.[1] ?? "";
    const all = [...members.matchAll(/^ {4}[A-Z_]+ = "([\w ]+)"/gmu)].map(([, value]) => value).sort();
    expect(all.length).toBeGreaterThan(0);
    expect(words(union(name))).toEqual(all);
  }
  const can = /^ {4}can: list\[Literal\[([^\]]+)\]/mu.exec(python)?.[1] ?? "";
  expect(words(can).length).toBeGreaterThan(0);
  expect(words(union("Choice"))).toEqual(words(can));
});
