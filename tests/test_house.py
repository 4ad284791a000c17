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

#: Modules of one folder, without ``__init__``, and lines of one module: more than that, and it becomes two.
MOST_MODULES = 12
MOST_LINES = 330
#: What lies in bot/ itself.
TOP = {"__init__", "__main__", "config", "errors", "types"}
#: Folders and modules that may be larger, up to a bound, with the reason.
LARGE_FOLDERS = {
    "bot/app": (20, "one module for each part that is built"),
    "bot/cli": (18, "one file for each command"),
    "bot/control": (18, "what an operator sees and orders of each part"),
    "bot/runtime": (13, "what every part stands on; what a call costs is the last of it"),
    "bot/stage/obs": (13, "the connection, the set-up and the voice speak one program's vocabulary"),
    "bot/web/routes": (16, "one file for each part of the API"),
    "bot/store": (14, "one module for each thing that is kept"),
    "bot/sources/twitch": (16, "one module for each part of EventSub and of the API; none is shared"),
}
LARGE_MODULES = {
    "bot/config.py": (350, "every section of the settings, and the one reader of them all"),
    "bot/show/commands/commands.py": (340, "every way in and out of one book of commands"),
    "bot/control/moderation.py": (340, "every order that a moderator can give, side by side"),
    "bot/control/control_room.py": (362, "what every part shows, side by side"),
    "bot/inbox/inbox.py": (390, "what enters and what leaves is one bookkeeping"),
    "bot/show/composer.py": (380, "a reply, what bridges it, and its rounds with tools are one thing"),
    "bot/show/performance.py": (345, "a turn from its first clause to its commit"),
    "bot/stage/protocol.py": (340, "what page and host say to each other, message after message"),
    "bot/stage/hub.py": (345, "what every page is told, and what each of them reports, in one place"),
    "bot/mind/reply/reader.py": (335, "every sign of markup, one method each"),
    "bot/mind/memory/canon.py": (345, "every rule of what contradicts what"),
    "bot/types.py": (500, "the whole vocabulary in one file"),
}


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
        if file.suffix in {".png", ".jpg", ".webp", ".wav", ".ico"} or not file.is_file():
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if re.search(hosts, line) or re.search(r"(?<![\w.])/(?:work|root|farm)/", line):
                wrong.append(f"{name}:{number}: {line[:80]}")
    assert not wrong


def test_no_folder_has_more_modules_than_one_can_look_over() -> None:
    found: dict[str, int] = {}
    for file in CODE:
        if file.stem != "__init__":
            folder = file.parent.relative_to(ROOT).as_posix()
            found[folder] = found.get(folder, 0) + 1
    bounds = {name: most for name, (most, _) in LARGE_FOLDERS.items()}
    assert not {name: count for name, count in found.items() if count > bounds.get(name, MOST_MODULES)}
    assert {file.stem for file in (ROOT / "bot").glob("*.py")} <= TOP


def test_no_module_is_longer_than_one_can_read_at_once() -> None:
    bounds = {name: most for name, (most, _) in LARGE_MODULES.items()}
    lines = {file.relative_to(ROOT).as_posix(): len(file.read_text("utf-8").splitlines()) for file in CODE}
    assert not {name: count for name, count in lines.items() if count > bounds.get(name, MOST_LINES)}
    assert bounds.keys() <= lines.keys(), "an entry for a module that is gone"


def test_docstrings_say_what_happens() -> None:
    """ "Give" hides whether something is returned, yielded or changed."""
    wrong = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in CODE
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.match(r'\s*(?:r|f)?"""Give ', line)
    ]
    assert not wrong
