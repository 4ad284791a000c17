"""An MCP server without the SDK, which keeps its output in order: this one floods it when its tool is called."""

from __future__ import annotations

import json
import sys

_ANSWERS = {
    "initialize": {
        "protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "raw", "version": "1"},
    },
    "tools/list": {"tools": [{"name": "weather", "inputSchema": {"type": "object"}}]},
    "ping": {},
    "tools/call": {"content": [{"type": "text", "text": "Kyoto: rain, 12 degrees"}]},
}  # fmt: skip


def flood(behaviour: str) -> None:
    """Write what no server should."""
    if behaviour == "endless":
        while True:
            sys.stdout.write("x" * 100_000)
    if behaviour == "floods":
        while True:
            sys.stdout.write('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n')
    if behaviour == "garbage":
        sys.stdout.write("this is no message\n{}\n[]\n\x00\n" * 20)


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.get("method") == "tools/call":
            flood(sys.argv[1])
        if "id" in asked:
            print(
                json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": _ANSWERS.get(asked["method"], {})}),
                flush=True,
            )
