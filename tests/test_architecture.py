"""The page about the architecture is true."""

from __future__ import annotations

import re
from pathlib import Path

from scripts import make_imports

ROOT = Path(__file__).parent.parent


def test_the_table_of_imports_is_fresh() -> None:
    assert make_imports.page() == make_imports.TARGET.read_text("utf-8"), "run: python -m scripts.make_imports"


def test_every_file_that_a_page_of_the_guide_names_is_there() -> None:
    name_of = re.compile(r"`((?:bot|moderation|tests|bench|scripts|overlay)/[\w./-]+\.\w+)`")
    missing = []
    for page in (ROOT / "docs").rglob("*.md"):
        names = [name for name in name_of.findall(page.read_text("utf-8")) if "*" not in name]
        missing += [f"{page.relative_to(ROOT)}: {name}" for name in names if not (ROOT / name).exists()]
    assert not missing
