"""Steps of escalation: proposed to a person or taken, never against whom the streamer trusts, never in the way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from bot.errors import QuotaError, Refused
from bot.review.escalation import ACT_S, KEEP_S, MAX_ORDERS, MAX_PROPOSALS, Escalator
from bot.sources.registry import SourceRegistry
from bot.sources.source import ChannelAction
from bot.telemetry.alarms import Alarms
from bot.types import Author, Kind, Message, Retraction, Role
from moderation import Action, Escalation, Mode, Policy, Reason, Step, Verdict
from tests.control.test_control_room import FakeSource
from tests.support.virtual import virtual

BAD = Verdict(Action.BLOCK, ("word:hate",), 0.95, "x", (Reason("word:hate", "hate", 0, 1, Action.BLOCK),))


class House:
    """An escalator over one platform that can delete, time out and ban."""

    def __init__(self, mode: Mode = Mode.ACT, steps: tuple[str, ...] = (), actions: str = "delete timeout ban") -> None:
        made = tuple(Step.model_validate({"action": action}) for action in steps)
        escalation = Escalation(mode=mode, steps=made) if made else Escalation(mode=mode)
        registry = SourceRegistry(Alarms(asyncio.get_running_loop().time))
        self.twitch = FakeSource("twitch", frozenset(actions.split()))
        registry.sources = {"twitch": self.twitch}
        self.rung = 0
        self.escalator = Escalator(registry, lambda _s: Policy(escalation=escalation), self._ring)
        self._count = 0

    def _ring(self) -> None:
        self.rung += 1

    def offend(
        self, viewer: str = "u", *, source: str = "twitch", kind: Kind = Kind.CHAT, role: Role | None = None
    ) -> str:
        """Offend once more; return the step in one word."""
        self._count += 1
        author = Author(viewer, f"the {viewer}", frozenset({role} if role else ()))
        message = Message(f"m{self._count}", source, author, "bad", kind)
        step = self.escalator.offence(message, BAD, f"v{self._count}", self.now)
        return step.action if step else ""

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def proposed(self) -> list[tuple[str, str, int, str]]:
        found = self.escalator.proposals(self.now)
        return [(p.message.author.id, p.step.action, p.offences, p.problem) for p in found]

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.escalator.run())
            yield
            running.cancel()


@virtual
async def test_under_act_each_step_is_taken_on_the_platform() -> None:
    house = House()
    async with house.at_work():
        assert [house.offend() for _ in range(4)] == ["hold", "delete", "timeout", "ban"]
        await asyncio.sleep(1)
    assert house.twitch.orders == [
        ChannelAction("delete", "u", "m2", "chat rules, offence 2", 600),
        ChannelAction("timeout", "u", "m3", "chat rules, offence 3", 600),
        ChannelAction("ban", "u", "m4", "chat rules, offence 4", 600),
    ]
    assert house.proposed == []


@virtual
async def test_under_warn_a_person_takes_it() -> None:
    house = House(Mode.WARN)
    async with house.at_work():
        assert [house.offend() for _ in range(3)] == ["hold", "delete", "timeout"]
        await asyncio.sleep(1)
        assert house.twitch.orders == []
        assert house.proposed == [("u", "timeout", 3, "")], "the later step replaces the earlier one"
        (proposal,) = house.escalator.proposals(house.now)
        assert await house.escalator.take(proposal.id) == "timeout: done"
        assert [o.action for o in house.twitch.orders] == ["timeout"]
        assert house.proposed == []
        with pytest.raises(LookupError):
            await house.escalator.take(proposal.id)


@virtual
async def test_what_is_dismissed_is_gone_and_the_offences_stand() -> None:
    house = House(Mode.WARN)
    house.offend()
    house.offend()
    (proposal,) = house.escalator.proposals(house.now)
    house.escalator.dismiss(proposal.id)
    assert house.proposed == []
    assert house.offend() == "timeout"
    with pytest.raises(LookupError):
        house.escalator.dismiss(proposal.id)


@virtual
async def test_nothing_is_done_against_whom_the_streamer_trusts() -> None:
    house = House(steps=("ban",))
    for role in (Role.MODERATOR, Role.VIP):
        assert house.offend("friend", role=role) == ""
    assert house.offend("streamer", kind=Kind.HOST) == ""
    assert house.offend("") == ""
    async with house.at_work():
        assert house.offend("sub", role=Role.SUBSCRIBER) == "ban"
        await asyncio.sleep(1)
    assert [o.user for o in house.twitch.orders] == ["sub"]


@virtual
async def test_where_there_is_no_platform_nothing_is_proposed() -> None:
    house = House(Mode.WARN, steps=("ban",))
    assert house.offend(source="local") == "ban"
    assert house.proposed == []


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (Refused("no right to ban", remedy="Sign in again."), "no right to ban. Sign in again."),
        (QuotaError("too fast", retry_after_s=2.0), "too fast"),
        (KeyError("a library's bug"), "twitch failed (KeyError)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_fails_is_shown_and_can_be_tried_again(fails: Exception, words: str) -> None:
    @virtual
    async def run() -> None:
        house = House(steps=("ban",))
        house.twitch.fails = fails
        async with house.at_work():
            house.offend()
            await asyncio.sleep(1)
            ((_, action, _, problem),) = house.proposed
            assert (action, words in problem) == ("ban", True)
            house.twitch.fails = None
            house.offend("other")
            await asyncio.sleep(1)
            assert [o.user for o in house.twitch.orders] == ["other"], "the next one is taken"
            (proposal,) = house.escalator.proposals(house.now)
            await house.escalator.take(proposal.id)
            assert [o.user for o in house.twitch.orders] == ["other", "u"]

    run()


@virtual
async def test_what_the_platform_cannot_do_is_said() -> None:
    house = House(steps=("delete",), actions="timeout ban")
    async with house.at_work():
        house.offend()
        await asyncio.sleep(1)
    ((_, action, _, problem),) = house.proposed
    assert action == "delete"
    assert "twitch cannot delete here" in problem


@virtual
async def test_a_platform_that_hangs_is_not_waited_for() -> None:
    house = House(steps=("ban",))

    async def hang(order: ChannelAction) -> str:
        await asyncio.sleep(10_000)
        return order.action

    house.twitch.act = hang  # type: ignore[method-assign]
    async with house.at_work():
        house.offend()
        await asyncio.sleep(ACT_S + 1)
        ((_, _, _, problem),) = house.proposed
        assert "did not answer within" in problem


@virtual
async def test_what_was_no_offence_is_forgotten_with_its_proposal() -> None:
    house = House(Mode.WARN)
    house.offend()
    house.offend()
    house.escalator.forgive("twitch", "u", "v1")
    assert len(house.proposed) == 1, "it was proposed because of the other one"
    house.escalator.forgive("twitch", "u", "v2")
    assert house.proposed == []
    assert house.offend() == "hold"


@virtual
async def test_what_somebody_did_already_is_not_proposed_any_more() -> None:
    house = House(Mode.WARN)
    for viewer, offences in (("deleted", 2), ("silenced", 3), ("both", 3)):
        for _ in range(offences):
            house.offend(viewer)
    house.escalator.retract(Retraction("twitch", id="m2"))
    house.escalator.retract(Retraction("twitch", author="silenced"))
    house.escalator.retract(Retraction("twitch", id="m8"))
    (left,) = house.escalator.proposals(house.now)
    assert (left.message.author.id, left.step.action, left.message.text) == ("both", "timeout", "")


@virtual
async def test_all_is_bounded_and_ends() -> None:
    house = House(Mode.WARN, steps=("ban",))
    for n in range(MAX_PROPOSALS + 20):
        house.offend(f"u{n}")
    assert len(house.proposed) == MAX_PROPOSALS
    assert house.proposed[0][0] == f"u{MAX_PROPOSALS + 19}", "the newest stands first"
    await asyncio.sleep(KEEP_S + 1)
    assert house.proposed == []
    acting = House(steps=("ban",))
    for n in range(MAX_ORDERS + 3):
        acting.offend(f"u{n}")
    assert [problem for _, _, _, problem in acting.proposed] == ["too many steps wait to be taken already"] * 3
