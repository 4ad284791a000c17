"""Commands on the chat page of this machine, as the control room has it."""

from __future__ import annotations

import asyncio

from bot.control.schemas.chat import ChatIn, ChatLine
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.commands.settings import CommandSettings
from tests.support.control import control_room
from tests.support.harness import Stagehand
from tests.support.virtual import virtual


@virtual
async def test_a_command_on_the_page_is_answered_there_and_orders_of_moderators_are_not_taken() -> None:
    hand = Stagehand()
    replies = ChatReplies(hand.registry, hand.moderator, lambda _source: "off")
    commands = Commands(hand.show, replies, CommandSettings(cooldown_s=0), host=lambda: "Mira")
    hand.intake.commands = commands
    room = control_room(hand, forget=commands.forget)
    replies.pages["local"] = lambda text: room.room.written("Mira", text)
    hand.observers.add(replies, commands)
    with room.room.watch() as page:
        receipt = await room.chat(ChatIn(author="ann", text="！help"))
        assert (receipt.outcome, receipt.reason) == ("dropped", "a command: help, answered")
        await room.chat(ChatIn(author="ann", text="kill yourself"))
        await room.chat(ChatIn(author="ann", text="!why"))
        assert (
            await room.chat(ChatIn(author="broadcaster", text="!stop"))
        ).reason == "a command: stop, not for this viewer"
        await asyncio.sleep(0)
        seen = [frame.text for frame in page.frames if isinstance(frame, ChatLine)]
        assert seen.index("！help") < seen.index("Commands: !queue !why"), "the answer comes after its line"
        said = [frame for frame in page.frames if isinstance(frame, ChatLine) and frame.host]
        assert [line.text for line in said] == ["Commands: !queue !why", "That line was not taken up."]
        assert len({line.id for line in said}) == 2
        assert not hand.floor.stopped
        await room.forget_viewer("local", "local:ann")
        await room.chat(ChatIn(author="ann", text="!why"))
        await asyncio.sleep(0)
        assert [f.text for f in page.frames if isinstance(f, ChatLine)][-1] == "I know of no line of yours yet."
