"""Writes the table of imports into docs/architecture.md: ``python -m scripts.make_imports``."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- imports: begin -->\n", "<!-- imports: end -->\n"
#: From the top down, as the layers contract in pyproject.toml has them.
FLOORS = (
    ("__main__",), ("cli",), ("app",), ("config",), ("web",), ("control",), ("show",), ("intake", "review"), ("inbox",),
    ("sources", "hearing", "vision", "mind", "voice", "stage"),
    ("persona", "store", "weights"), ("telemetry",),
    ("runtime", "text"), ("types", "errors"),
)  # fmt: skip


def imports() -> dict[str, set[str]]:
    """Return for each folder or file at the root of bot/ which others it imports."""
    found: dict[str, set[str]] = {name: set() for floor in FLOORS for name in floor}
    for file in sorted((ROOT / "bot").rglob("*.py")):
        own = file.relative_to(ROOT / "bot").with_suffix("").parts[0]
        if own == "__init__":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            for module in modules:
                parts = module.split(".")
                if parts[0] == "moderation":
                    found[own].add("moderation")
                elif parts[0] == "bot" and len(parts) > 1 and parts[1] in found and parts[1] != own:
                    found[own].add(parts[1])
    return found


def table() -> str:
    """Return the table as Markdown."""
    found = imports()
    order = [name for floor in FLOORS for name in floor]
    lines = ["| floor | part | imports |", "|---|---|---|"]
    for height, floor in zip(range(len(FLOORS), 0, -1), FLOORS, strict=True):
        for name in floor:
            others = [o for o in order if o in found[name]] + (["*moderation*"] if "moderation" in found[name] else [])
            lines.append(f"| {height} | **{name}** | {', '.join(others) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the page with a fresh table."""
    text = TARGET.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
