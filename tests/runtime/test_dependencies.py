"""What the code imports: only packages that are declared, and the runtime only what it may know."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"bot", "moderation"}
#: Libraries that are part of what another one offers, so that no version of it comes without them: FastAPI's classes
#: are Starlette's, SQLModel's are SQLAlchemy's, and jieba is the segmenter that misaki[zh] reads Chinese with.
SHIPPED_WITH = {"pydantic_core": "pydantic", "starlette": "fastapi", "sqlalchemy": "sqlmodel", "jieba": "misaki"}


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the top-level name of each import and where it stands."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                yield name.partition(".")[0], f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def normal(name: str) -> str:
    """Return a distribution's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the names of the distributions in the dependencies and the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return {normal(found[0]) for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))}


def undeclared(names: set[str]) -> set[str]:
    known, distributions = declared(), packages_distributions()
    return {
        name
        for name in names
        if normal(SHIPPED_WITH.get(name, name)) not in known
        and not any(normal(distribution) in known for distribution in distributions.get(name, ()))
    }


@pytest.mark.parametrize("folder", sorted(OURS))
def test_every_package_that_is_imported_is_declared(folder: str) -> None:
    places: dict[str, str] = {}
    for name, place in imported(ROOT / folder):
        if name not in OURS and name not in sys.stdlib_module_names:
            places.setdefault(name, place)
    assert len(places) > 3, "nothing was found: the test looks in the wrong place"
    wrong = undeclared(set(places))
    assert not wrong, {name: places[name] for name in wrong}


def test_a_package_that_comes_with_another_one_by_chance_is_found() -> None:
    assert undeclared({"sniffio", "h11", "httpx", "yaml", "ollama"}) == {"sniffio", "h11"}


def test_the_runtime_knows_no_web_framework_no_http_library_and_no_log() -> None:
    forbidden = {"aiohttp", "fastapi", "httpx", "httpx2", "loguru", "moderation", "starlette", "uvicorn"}
    wrong = [place for name, place in imported(ROOT / "bot" / "runtime") if name in forbidden]
    assert not wrong
