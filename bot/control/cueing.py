"""Tells the director what happens in the show. The show knows nothing of it, and goes on when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.errors import Refused
from bot.inbox.entries import Offer
from bot.intake.addressing import NameMatcher
from bot.intake.commands import command_in
from bot.persona.lines import event_values
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.stage.director.director import Director
from bot.stage.director.scene_keeper import Hand
from bot.stage.director.settings import ShowState
from bot.stage.director.triggers import Happening, Trigger, Whom, amounts_of, events_of
from bot.stage.watchdog.check import Kind as Trouble
from bot.stage.watchdog.watchdog import Watchdog
from bot.text.someone import called
from bot.types import Kind, Message, Retraction, Role
from moderation import Verdict

#: What the audience cannot see the show for, and what is known without its scene on air.
_UNSEEN = frozenset({Trouble.PAGE_GONE})

#: A mention of the host is known before: `Message.addressed` says so.
_NO_NAMES = NameMatcher(())


class Cueing(Observer):
    """Hands what the show is told on to the director. ``language`` is the show's, for those who have no name."""

    def __init__(
        self, director: Director, language: Callable[[], str], prefix: Callable[[], str] = lambda: "!"
    ) -> None:
        """Take the director. ``prefix`` returns the sign with which a command begins."""
        self._director = director
        self._language = language
        self._prefix = prefix

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Set off cues by an event, or by a command. The name was judged on the way in; words are never a value."""
        del offer
        whom = Whom(message.source, message.id, message.author.id)
        if message.kind is Kind.CHAT:
            roles, name = message.author.roles, {"name": self._name(message)}
            may = verdict.allowed and Role.BOT not in roles
            if may and (command := command_in(message, self._prefix(), _NO_NAMES)):
                self._director.happened(
                    Happening(Trigger.COMMAND, (command.name,), roles=roles, values=name, whom=whom)
                )
        elif names := events_of(message):
            item = message.evidence.item if message.evidence else ""
            values: dict[str, object] = {"count": "1", **event_values(message), "name": self._name(message)}
            self._director.happened(
                Happening(Trigger.EVENT, names, amounts=amounts_of(message), item=item, values=values, whom=whom)
            )

    def _name(self, message: Message) -> str:
        return called(message.author.name, self._language())

    def words_heard(self, turn: str, heard: str) -> None:
        """Set off cues by what the audience heard the host say."""
        self._director.said(turn, heard, complete=False)

    def turn_over(self, turn: FinishedTurn) -> None:
        """Set off cues by the last words of a turn; what was cut in the middle of a word is none."""
        self._director.said(turn.turn.id, turn.text, complete=not turn.interrupted)

    def retracted(self, retraction: Retraction) -> None:
        """Take off the screen what was deleted."""
        self._director.retracted(retraction)


class ChatOrders:
    """What commands of the chat may order of the director."""

    def __init__(self, director: Director) -> None:
        self._director = director

    async def scene(self, name: str) -> bool:
        """Put a scene on air for a moderator, who then has the mixer; return False when there is none of this name.

        Its letters may be of any case. Raises `HaishinError`.
        """
        scenes = self._director.mixer.state.scenes
        named = [scene for scene in scenes if scene == name] or [s for s in scenes if s.casefold() == name.casefold()]
        if not named:
            return False
        await self._director.switch(named[0], Hand.CHAT)
        return True

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Run a cue; return whether it was done. The "viewer" of ``values`` is its {name}. Never raises."""
        return await self._director.cue(name, {"name": values.get("viewer"), **values})


async def follow(show: Show, director: Director) -> None:
    """Set the show live once the host can be heard for the first time, and ending when it ends."""
    await show.wake.wait_until(lambda: show.floor.closing or show.stage.audible)
    if director.base is ShowState.STARTING:
        director.enter(ShowState.LIVE)
    await show.wake.wait_until(lambda: show.floor.closing)
    director.enter(ShowState.ENDING)
    director.put_back()


async def follow_watchdog(watchdog: Watchdog, director: Director) -> None:
    """Tell the director what the watchdog finds, and when it is over.

    Only a page that is gone turns the show "technical": what is seen in a scene could not be seen to be over behind
    another one, and the scenes would go to and fro.
    """
    known: set[Trouble] = set()
    while True:
        lasting = {one.kind: one.words for one in watchdog.findings() if one.over_at is None}
        for kind in known - lasting.keys():
            director.mended(kind)
        for kind in lasting.keys() - known:
            director.trouble(kind, lasting[kind], technical=kind in _UNSEEN)
        known = set(lasting)
        await watchdog.changed.wait()


class ChannelPlatform:
    """What a cue may do on the platforms: `bot.stage.director.steps.Platform` over the sources."""

    def __init__(self, sources: SourceRegistry) -> None:
        self._sources = sources

    async def act(self, action: str, whom: Whom, source: str, text: str) -> str:
        """Run an action where the event came from, or on the ``source`` that is named. Raises `HaishinError`."""
        where = source or whom.source
        if not where and len(self._sources.sources) == 1:
            (where,) = self._sources.sources
        if not where:
            raise Refused("the cue does not say on which platform", remedy="name one with 'source'")
        kind = ActionKind(action)
        if kind is ActionKind.SHOUTOUT and not (whom.author and whom.source == where):
            raise Refused(f"nobody of {where} set off the cue, so nobody can be recommended there")
        return await self._sources.act(where, ChannelAction(kind, user=whom.author, text=text))
