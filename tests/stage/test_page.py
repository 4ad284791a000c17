"""One page: what goes out at once, what waits, and a page that hangs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.stage.page import CLOSING_S, MAX_BACKLOG, Page


@dataclass
class Pipe:
    """A socket whose other end takes what it gets while ``flows`` is set."""

    flows: asyncio.Event = field(default_factory=asyncio.Event)
    got: list[str | bytes] = field(default_factory=list)
    at_once: int = 0
    closed: bool = False

    def write_now(self, frame: str | bytes) -> bool:
        if self.flows.is_set():
            self.got.append(frame)
            self.at_once += 1
        return self.flows.is_set()

    async def send_text(self, data: str) -> None:
        await self.flows.wait()
        await asyncio.sleep(0)  # the waiter's turn comes later than the wake
        self.got.append(data)

    async def send_bytes(self, data: bytes) -> None:
        await self.flows.wait()
        self.got.append(data)

    async def receive_text(self) -> str | None:
        await asyncio.Event().wait()
        return None

    async def close(self, code: int, reason: str) -> None:
        del code, reason
        await self.flows.wait()
        self.closed = True


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_frame_goes_out_at_once_and_never_before_one_that_waits() -> None:
    pipe = Pipe()
    page = Page(pipe, wants_audio=False)
    pipe.flows.set()
    page.send("a")
    assert pipe.got == ["a"], "without a task"
    pipe.flows.clear()
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(page.write_while(for_ever()))
        page.send("b")
        page.send(b"c")
        await asyncio.sleep(0.1)
        page.send("d")
        pipe.flows.set()
        page.send("e")  # the way is free, and what came before has not gone yet
        await asyncio.sleep(0.1)
        page.send("f")
        writing.cancel()
    assert pipe.got == ["a", "b", b"c", "d", "e", "f"]
    assert pipe.at_once == 2


async def test_a_page_that_takes_nothing_is_let_go_and_its_queue_with_it() -> None:
    page = Page(Pipe(), wants_audio=False)
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(page.write_while(for_ever()))
        for _ in range(20):
            page.send(b"x" * (MAX_BACKLOG // 16))
            await asyncio.sleep(0)
        assert page.doomed == (1013, "the page does not keep up")
        began = clock()
    assert clock() - began <= CLOSING_S + 0.1
