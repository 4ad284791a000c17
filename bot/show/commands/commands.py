"""Carries out what viewers and moderators order in the chat, and answers it there.

    a line ─▶ intake (moderation, names, deletions) ─▶ read ─▶ take: who may? rested? ─▶ done at once, or by `run`
                                                                └─▶ `bot.show.chat_replies` writes the answer

Nothing here waits for the chat, and no answer holds words of a viewer but a name that was found fit to be said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from loguru import logger

from bot.inbox.entries import Offer, viewer_of
from bot.inbox.reasons import TOO_FAST
from bot.intake.addressing import NameMatcher
from bot.intake.commands import COMMAND, CommandLine, command_in
from bot.intake.ignored import BY_A_BOT, EMPTY, FOR_A_BOT
from bot.persona.lines import sayable
from bot.runtime.ratelimit import TokenBucket
from bot.show.chat_replies import LONGEST, WRITES_FOR, ChatReplies
from bot.show.commands.answers import Answers
from bot.show.commands.book import NAME, Book, Entry, called_in, listed, named, shown_name, standing
from bot.show.commands.fates import Fates, told
from bot.show.commands.latch import press, release
from bot.show.commands.orders import Director, Memory, Outcomes, Programme
from bot.show.commands.settings import OF_MEMORY, BuiltIn, CommandSettings, OwnCommand, Timer, Who
from bot.show.commands.speech import Speech
from bot.show.commands.timers import Timers
from bot.show.commands.words import Say, word
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.text.someone import NOBODY, called
from bot.types import Kind, Message, MessageOutcome, Retraction
from moderation import Verdict

#: Orders to others that are under way at once (half of them viewers' at most), and how long one may take, in seconds.
MAX_JOBS, JOB_S = 8, 10.0
#: After so many seconds an answer or a timer is not worth writing any more.
ANSWER_S, TIMER_S = 30.0, 120.0
#: Lines that leave so do not move a chat: they are no talk of viewers.
_STILL = (COMMAND, BY_A_BOT, FOR_A_BOT, EMPTY, TOO_FAST)


@dataclass(frozen=True, slots=True)
class _Given:
    """A command that is carried out: who gave it, in which language it is answered."""

    message: Message
    command: CommandLine
    entry: Entry
    language: str
    rank: Who


class Commands(Observer):
    """Implements `bot.intake.commands.Commands` over a show.

    ``programme``, ``director`` and ``memory`` are put in by whoever has them; ``host`` returns what the host is called.
    """

    def __init__(
        self,
        show: Show,
        replies: ChatReplies,
        settings: CommandSettings,
        timers: Sequence[Timer] = (),
        *,
        host: Callable[[], str],
        outcomes: Outcomes | None = None,
    ) -> None:
        self.programme: Programme | None = None
        self.director: Director | None = None
        self.memory: Memory | None = None
        self.fates = Fates()
        self._answers = Answers(show, self.fates)
        self._show = show
        self._replies = replies
        self._host = host
        self._outcomes = outcomes
        self._timers = Timers(self._write_timer, lambda: replies.chats)
        self._written: dict[str, TokenBucket] = {}
        self._speech = Speech(show)
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(MAX_JOBS)
        self._under_way = 0
        self.update(settings, timers)

    def update(self, settings: CommandSettings, timers: Sequence[Timer]) -> None:
        """Take over settings."""
        self.settings = settings
        self._book = Book(settings)
        self._timers.update(timers)

    async def run(self) -> None:
        """Run what takes time, and write the timers; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._timers.run())
            while True:
                job = await self._jobs.get()
                self._under_way += 1
                group.create_task(self._do(job))

    # --- what happens: see `bot.show.observer.Observer` ---------------------------------------------

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a line that waits, and count those that move the chat."""
        self.fates.offered(message, verdict, offer)
        if message.kind is Kind.CHAT and verdict.allowed and not offer.reason.startswith(_STILL):
            self._timers.count(self._replies.writer(message.source) or message.source)

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Take note of what became of a line."""
        self.fates.settled(message, outcome, reason)

    def retracted(self, retraction: Retraction) -> None:
        """Say nothing for a command that was taken back."""
        self.fates.retracted(retraction)
        self._speech.retracted(retraction)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer."""
        self.fates.forget((source, viewer))
        self._book.forget((source, viewer))

    # --- what the way in calls ----------------------------------------------------------------------

    def read(self, message: Message, names: NameMatcher) -> CommandLine | None:
        """Return the command that a line is, if it is one of the host's."""
        if not self.settings.enabled:
            return None
        command = command_in(message, self.settings.prefix, names)
        if command is None or (found := self._book.find(command.name)) is None:
            return None
        if (of := found[0].built_in) in OF_MEMORY:
            return command if self.memory is not None and self.memory.wants(of, command.argument) else None
        # What does nothing here is left to other bots; moderators are told so.
        return command if self._useful(found[0]) or standing(message.author).rank >= Who.MODERATOR.rank else None

    def take(self, message: Message, command: CommandLine) -> str:
        """Run a command; return what was done, in words."""
        found = self._book.find(command.name)
        if found is None:
            return ""
        (entry, language), label = found, f"{COMMAND}{found[0].name}"
        rank, viewer, now = standing(message.author), viewer_of(message), asyncio.get_running_loop().time()
        if rank.rank < entry.who.rank:
            return f"{label}, not for this viewer"
        if rank.rank < Who.MODERATOR.rank and not entry.cooldown.ready(viewer, now):
            return f"{label}, it rests"
        entry.cooldown.begin(viewer, now)
        given = _Given(message, command, entry, language or self._show.cast.policy.language, rank)
        try:
            done = self._of_memory(given) or self._carry_out(given)
        except Exception as error:  # noqa: BLE001 - no command is worth the chat
            logger.opt(exception=error).error("the command {} failed", entry.name)
            done = "it failed"
        return f"{label}, {done}"

    # --- the commands -------------------------------------------------------------------------------

    def _carry_out(self, given: _Given) -> str:
        if given.entry.own is not None:
            return self._own(given, given.entry.own)
        match given.entry.built_in:
            case BuiltIn.HELP:
                return self._answer(given, Say.COMMANDS, names=self._names_for(given))
            case BuiltIn.QUEUE:
                now = asyncio.get_running_loop().time()
                return self._write(given, self._answers.queue(given.message, given.language, now))
            case BuiltIn.WHY:
                return self._why(given)
            case BuiltIn.NEXT:
                return self._next(given)
            case BuiltIn.SEGMENT:
                carry_out = self.programme.segment if self.programme else None
                return self._order(given, carry_out, none=Say.NO_PROGRAMME, unknown=Say.NO_SEGMENT)
            case BuiltIn.SCENE:
                carry_out = self.director.scene if self.director else None
                return self._order(given, carry_out, none=Say.NO_DIRECTOR, unknown=Say.NO_SCENE)
            case BuiltIn.STOP | BuiltIn.RESUME as which:
                usage = f"{self.settings.prefix}{called_in(BuiltIn.RESUME, given.language)}"
                return self._answer(given, (press if which is BuiltIn.STOP else release)(self._show), usage=usage)
            case _:
                cut = self._show.skip("skipped by a moderator in the chat")
                return self._answer(given, Say.SKIPPED if cut else Say.NOTHING_SAID)

    def _of_memory(self, given: _Given) -> str:
        """Run an order about a viewer's memory: remember, forget, tell; return nothing for another command."""
        which, memory = given.entry.built_in, self.memory
        if which not in OF_MEMORY or memory is None:
            return ""

        async def order() -> None:
            self._write(given, await memory.carry_out(which, given.message, given.command.argument, given.language))

        return self._begin(given, order)

    def _useful(self, entry: Entry) -> bool:
        """Return whether a command does anything here."""
        if entry.built_in in OF_MEMORY:
            return self.memory is not None
        if entry.built_in in (BuiltIn.NEXT, BuiltIn.SEGMENT):
            return self.programme is not None
        if entry.built_in is BuiltIn.SCENE:
            return self.director is not None
        own = entry.own
        return own is None or bool(own.text or own.say) or self.director is not None

    def _names_for(self, given: _Given) -> str:
        """Return the commands that somebody may give, as many as one answer holds."""
        room = LONGEST.get(self._replies.writer(given.message.source), LONGEST["twitch"])
        room -= len(word(Say.COMMANDS, given.language, names=""))
        theirs = [e for e in self._book.entries if given.rank.rank >= e.who.rank and self._useful(e)]
        return listed(theirs, given.language, self.settings.prefix, room)

    def _why(self, given: _Given) -> str:
        message, now = given.message, asyncio.get_running_loop().time()
        fate = self.fates.of(viewer_of(message))
        if fate is not None:
            return self._write(given, self._answers.why(message, fate, given.language, now, self._host()))
        if self._outcomes is not None:
            return self._begin(given, partial(self._why_of_before, given, self._outcomes))
        return self._answer(given, Say.NO_LINE)

    async def _why_of_before(self, given: _Given, outcomes: Outcomes) -> None:
        """Answer from the record: an earlier run, or a viewer who was forgotten since."""
        message = given.message
        last = await outcomes.last_outcome(message.source, message.author.id, but=COMMAND)
        self._answer(given, told(*last) if last else Say.NO_LINE, host=self._host())

    def _next(self, given: _Given) -> str:
        if self.programme is None:
            return self._answer(given, Say.NO_PROGRAMME)
        what = " ".join(self.programme.next().split())
        return self._answer(given, Say.NEXT if what else Say.NOTHING_PLANNED, what=what)

    def _order(
        self, given: _Given, carry_out: Callable[[str], Awaitable[bool]] | None, *, none: Say, unknown: Say
    ) -> str:
        """Run what stands behind the command by its name."""
        if carry_out is None:
            return self._answer(given, none)
        if not given.command.argument:
            usage = f"{self.settings.prefix}{shown_name(given.entry, given.language)}"
            return self._answer(given, Say.NAME_IT, usage=usage)

        async def order() -> None:
            self._answer(given, Say.DONE if await carry_out(given.command.argument) else unknown)

        return self._begin(given, order)

    # --- commands of the owner ----------------------------------------------------------------------

    def _own(self, given: _Given, own: OwnCommand) -> str:
        done = []
        if own.text:
            done.append(self._write(given, *named(own.text, given.message.author.name, given.language)))
        if own.say:
            done.append(self._speak(given, own.say))
        if own.cue:
            if self.director is not None:
                done.append(self._begin(given, partial(self._give_cue, given, self.director, own.cue)))
            elif not done:
                done.append(self._answer(given, Say.NO_DIRECTOR))
        return ", ".join(done)

    def _speak(self, given: _Given, text: str) -> str:
        name = sayable(called(given.message.author.name, given.language)) or called(NOBODY, given.language)
        said = self._speech.say(text.replace(NAME, name), given.message)
        return "said next" if said else "not said: too much waits"

    async def _give_cue(self, given: _Given, director: Director, cue: str) -> None:
        values = {"viewer": given.message.author.name, "source": given.message.source}
        if not await director.cue(cue, values):
            logger.warning("the cue {} of the command {} was not carried out", cue, given.entry.name)

    # --- carrying out and answering -----------------------------------------------------------------

    def _begin(self, given: _Given, work: Callable[[], Awaitable[None]]) -> str:
        """Queue something that takes time."""
        moderates = given.rank.rank >= Who.MODERATOR.rank
        if self._jobs.qsize() + self._under_way >= (MAX_JOBS if moderates else MAX_JOBS // 2):
            return "left out: too many orders are under way"

        async def job() -> None:
            try:
                async with asyncio.timeout(JOB_S):
                    await work()
            except Exception as error:  # noqa: BLE001 - whatever is wrong with the others, the chat goes on
                logger.warning(
                    "the command {} was not carried out: {}", given.entry.name, str(error) or "it took too long"
                )
                if moderates:
                    self._answer(given, Say.FAILED)

        self._jobs.put_nowait(job)
        return "carried out"

    async def _do(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        finally:
            self._under_way -= 1

    def _answer(self, given: _Given, say: Say, /, **values: object) -> str:
        return self._write(given, word(say, given.language, **values))

    def _write(self, given: _Given, text: str, instead: str = "") -> str:
        """Write an answer; ``instead`` is what is written when moderation does not let it pass, else the same."""
        to = given.message
        if not self._may_write(to.source):
            return "not answered: enough was written"
        if to.source in WRITES_FOR and not instead and to.author.name != NOBODY:
            # The account that writes there cannot know whom it answers: the name tells.
            text, instead = f"@{to.author.name} {text}", text
        ok = self._replies.write(to.source, self._bare(text), to, instead=self._bare(instead or text), worth_s=ANSWER_S)
        return "answered" if ok else "carried out, and nobody can write the answer there now"

    def _write_timer(self, chat: str, text: str) -> bool:
        bare = self._bare(text)
        return self._may_write(chat) and self._replies.write(chat, bare, instead=bare, worth_s=TIMER_S)

    def _bare(self, text: str) -> str:
        """Return a text that is no command itself."""
        return text.lstrip(f"{self.settings.prefix} ")

    def _may_write(self, chat: str) -> bool:
        """Take one of the lines that may be written into a chat in a minute."""
        now, most = asyncio.get_running_loop().time(), self.settings.per_minute
        bucket = self._written.setdefault(self._replies.writer(chat) or chat, TokenBucket(most, now))
        return bucket.take(now, burst=most, rate_per_s=most / 60)
