"""Memory that was freed goes back to the system while the host runs."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import app as host_app
from bot.app.app import App


async def test_memory_is_given_back_again_and_again_and_the_loop_is_not_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[bool] = []
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()

    def give_back() -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            threads.append(True)
        else:
            threads.append(False)
        if len(threads) == 3:
            loop.call_soon_threadsafe(seen.set)
        return True

    monkeypatch.setattr(host_app, "GIVE_BACK_EVERY_S", 0.001)
    monkeypatch.setattr(host_app, "give_back_memory", give_back)
    task = asyncio.create_task(App.give_back_memory(object.__new__(App)))
    await asyncio.wait_for(seen.wait(), 20)
    task.cancel()
    assert all(threads)
