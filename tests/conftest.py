"""What all tests share: no connection leaves this machine, and weights are found or fetched once."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.weights import catalog

# Tables are as wide as the terminal: a test reads the same words on every machine.
os.environ["COLUMNS"] = "160"


@pytest.fixture(scope="session")
def models_root() -> Path:
    """Return the folder of the weights; tests that are marked ``model`` fetch what is missing."""
    return Path(os.environ.get("HAISHIN_MODELS__DIR") or catalog.default_root())


@pytest.fixture(autouse=True)
def only_loopback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that connects to another machine. Fetching weights happens in tests marked ``model`` alone."""
    if request.node.get_closest_marker("model"):
        yield
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _local(str(address[0])):
            pytest.fail(f"a connection to {address[0]} was tried")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
