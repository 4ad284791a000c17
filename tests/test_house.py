"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from bot.runtime import providers

ROOT = Path(__file__).parent.parent
CODE = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "moderation").rglob("*.py")])


def calls(tree: ast.AST) -> list[tuple[str, int]]:
    return [
        (f"{node.func.value.id}.{node.func.attr}", node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ]


def test_tasks_are_born_in_groups_alone() -> None:
    bare = {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task"}
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in CODE
        if file.parent.name != "runtime"
        for name, line in calls(ast.parse(file.read_text("utf-8")))
        if name in bare
    ]
    assert not wrong


def test_the_loop_is_never_put_to_sleep() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in CODE
        for name, line in calls(ast.parse(file.read_text("utf-8")))
        if name == "time.sleep"
    ]
    assert not wrong


@pytest.mark.parametrize("package", ["bot.mind.llm", "bot.voice.tts", "moderation.judges"])
def test_every_provider_has_the_same_two_doors(package: str) -> None:
    for name in providers.available(package):
        module = providers.load(package, name)
        assert module.Config.model_config["extra"] == "forbid", name
        assert callable(module.connect), name


def test_files_name_no_registry_and_no_path_of_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    hosts = "|".join(
        ("py" + r"pi\.org", "python" + r"hosted\.", "npm" + r"js\.", "deb\\.deb" + r"ian\.", "yarn" + r"pkg\.")
    )
    wrong = []
    for name in tracked.splitlines():
        file = ROOT / name
        if file.suffix in {".png", ".jpg", ".wav", ".ico"} or not file.is_file():
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if re.search(hosts, line) or re.search(r"(?<![\w.])/(?:work|root|farm)/", line):
                wrong.append(f"{name}:{number}: {line[:80]}")
    assert not wrong
