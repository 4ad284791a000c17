// Makes protocol.ts from the server's own models, so that page and server cannot drift apart.
//
//   node common/generate.mjs            write common/protocol.ts
//   node common/generate.mjs --print    print it instead (the Python test compares that to the file)
//
// PYTHON names the interpreter that has the server's dependencies; by default the project's .venv.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

function python() {
  if (process.env.PYTHON) return process.env.PYTHON;
  const own = [join(root, ".venv", "bin", "python"), join(root, ".venv", "Scripts", "python.exe")];
  return own.find(existsSync) ?? "python3";
}

/** Each direction is one union; its schema names the messages that belong to it. */
const ASK = `
import json
from pydantic import TypeAdapter
from bot.stage import protocol
unions = ("ServerMessage", "PageMessage")
print(json.dumps({u: TypeAdapter(getattr(protocol, u)).json_schema(mode="serialization") for u in unions}))
`;

function readSchemas() {
  const run = spawnSync(python(), ["-c", ASK], { cwd: root, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the schema could not be printed: ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Both sides always write every field, so none is optional; field titles would become needless aliases. */
function tidy(definition) {
  const { title: _title, ...rest } = definition;
  if (!rest.properties) return rest;
  const properties = Object.fromEntries(
    Object.entries(rest.properties).map(([name, { title: _, default: __, ...field }]) => [name, field]),
  );
  return { ...rest, properties, required: Object.keys(properties) };
}

const unions = readSchemas();
const definitions = {};
for (const [name, { $defs, oneOf }] of Object.entries(unions)) {
  definitions[name] = { oneOf };
  for (const [part, schema] of Object.entries($defs)) definitions[part] = tidy(schema);
}
// A root object that names both unions makes the compiler give each definition a name of its own.
const source = await compile(
  {
    title: "Protocol",
    type: "object",
    additionalProperties: false,
    required: Object.keys(unions),
    properties: Object.fromEntries(Object.keys(unions).map((name) => [name, { $ref: `#/$defs/${name}` }])),
    $defs: definitions,
  },
  "Protocol",
  {
    bannerComment: "// Made from bot/stage/protocol.py by `npm run protocol`. Do not edit: a test compares the two.",
    // Bounds of lists are checked by the server; as tuples of every length they would only be in the way.
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120 },
  },
);

if (process.argv.includes("--print")) process.stdout.write(source);
else writeFileSync(join(here, "protocol.ts"), source);
