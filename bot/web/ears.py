"""The socket of the ears: a page's microphone, or a button to talk that lives as long as its connection."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import ValidationError

from bot.control.ears import EarsControls
from bot.control.schemas.ears import MAX_HOLD_S
from bot.errors import HaishinError, Refused
from bot.hearing.ears import TalkMode
from bot.hearing.input.browser import MAX_FRAME_MS, BadFrame, BrowserLine
from bot.stage.protocol import Model
from bot.web.sock import Sock

#: Close codes: another page is the microphone, or took it over; the protocol's own for a wrong kind of frame and for
#: what breaks the rules.
TAKEN, TAKEN_OVER, WRONG_KIND, BROKEN = 4409, 4001, 1003, 1008
#: Buttons that may be connected at once, and the longest order of one, in characters.
MAX_BUTTONS, MAX_ORDER = 16, 1024


class MicrophoneReady(Model):
    """To a page that is the microphone now: each of its frames has this number; see `bot.hearing.input.browser`."""

    type: Literal["ready"] = "ready"
    stream: int
    max_ms: int = MAX_FRAME_MS


class EarsState(Model):
    """To a button, at once and at each change: whether the ears are on, the button is down, the streamer is heard."""

    type: Literal["ears"] = "ears"
    on: bool
    held: bool
    listening: bool


class EarsProblem(Model):
    """To a button: its last order was not carried out, and why."""

    type: Literal["problem"] = "problem"
    detail: str


class ButtonOrder(Model):
    """From a button: switch the ears (``on``), or press and let go (``down``)."""

    on: bool | None = None
    down: bool | None = None


async def serve_microphone(socket: Sock, ears: EarsControls, *, takeover: bool) -> None:
    """Take the sound of a page until it goes, breaks the format, or another page takes over."""
    try:
        line = ears.join(takeover=takeover)
    except Refused as error:
        await socket.close(TAKEN, f"{error}. {error.remedy}")
        return
    try:
        await socket.send_text(MicrophoneReady(stream=line.stream).model_dump_json())
        async with asyncio.TaskGroup() as group:
            tasks = {
                group.create_task(_hear(socket, line)),
                group.create_task(line.changed.wait_until(lambda: bool(line.ended_because))),
            }
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        if line.ended_because:
            await socket.close(TAKEN_OVER, line.ended_because)
    finally:
        ears.leave(line)


async def _hear(socket: Sock, line: BrowserLine) -> None:
    while (frame := await socket.receive()) is not None:
        if isinstance(frame, str):
            await socket.close(WRONG_KIND, "a microphone sends binary frames alone")
            return
        try:
            line.take(frame)
        except BadFrame as error:
            await socket.close(BROKEN, str(error))
            return


async def serve_button(socket: Sock, ears: EarsControls) -> None:
    """Obey a button until it goes; one that was held then counts as let go."""
    holds = False
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_tell(socket, ears))
        try:
            while (frame := await socket.receive()) is not None:
                try:
                    order = _order(frame)
                    if order.on is not None:
                        ears.switch(on=order.on)
                    if order.down is not None:
                        ears.talk(down=order.down, for_s=MAX_HOLD_S)
                        holds = order.down
                except (HaishinError, ValueError) as error:
                    await socket.send_text(EarsProblem(detail=_words(error)).model_dump_json())
        finally:
            telling.cancel()
            view = ears.state()
            if holds and view is not None and view.held and view.mode is TalkMode.PUSH:
                ears.talk(down=False)


async def _tell(socket: Sock, ears: EarsControls) -> None:
    before: EarsState | None = None
    while True:
        view = ears.state()
        now = EarsState(on=view.on, held=view.held, listening=view.listening) if view else None
        if now is not None and now != before:
            before = now
            await socket.send_text(now.model_dump_json())
        await ears.changed.wait()


def _order(frame: str | bytes) -> ButtonOrder:
    if isinstance(frame, bytes) or len(frame) > MAX_ORDER:
        raise ValueError("an order is a short text frame")
    return ButtonOrder.model_validate_json(frame)


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'frame'}: {first['msg']}"[:300]
    return str(error)[:300]
