"""The programme as the chat may use it: what comes next, and a segment by order of a moderator."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.show.schedule.state import Desk


class ChatProgramme:
    """`bot.show.commands.orders.Programme` over the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def next(self) -> str:
        """Return the name of what comes next, with its time by the programme's clock; empty when nothing is planned."""
        state = self._desk.state()
        if state.waiting:
            return state.waiting[0].segment
        if not state.coming:
            return ""
        first = min(state.coming, key=lambda coming: coming.due_at)
        return f"{first.segment} ({first.due_at.astimezone(ZoneInfo(state.zone)):%H:%M})"

    async def segment(self, name: str) -> bool:
        """Let a segment be next, in any case of its letters; return False when there is none. Raises `Refused`."""
        names = self._desk.state().segments
        named = [one for one in names if one == name] or [one for one in names if one.casefold() == name.casefold()]
        if not named:
            return False
        self._desk.start(named[0])
        return True
