"""Files are read at once here: the jumping clock does not see the work of threads."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.segment_host import read_at_once


@pytest.fixture(autouse=True)
def _read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "to_thread", read_at_once)
