"""The operator's desk of moderation: keeps every verdict, and carries out what a person says to it.

intake ─▶ judged ─▶ audit, ladder, pen        approve, deny, allow, block ◀─ control room
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable

from loguru import logger

from bot.control.schemas.moderation import AuditLine, AuditWhy, CaseLine, Decision, ModerationState, PermitIn, ShieldIn
from bot.control.schemas.panel import Done
from bot.control.views import moderation as view
from bot.control.views.moderation import audit_line, audit_why, case_line, held_line, permit_line, proposed_step
from bot.errors import Refused
from bot.inbox.inbox import Offer
from bot.inbox.observer import MessageObserver
from bot.intake.context import ModerationContexts
from bot.intake.intake import Intake
from bot.review.escalation import Escalator
from bot.review.hold_queue import HeldMessage, HoldQueue
from bot.review.verdict_log import VerdictLog, VerdictRecord
from bot.runtime.signal import Signal
from bot.show.breaker import BlockedClause
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.sources.registry import SourceRegistry
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import Message, MessageOutcome, Retraction
from moderation import Action, Context, Direction, Verdict
from moderation.corrections.allowances import Expect
from moderation.corrections.cases import Case, Cases, case_of

#: Verdicts that the state of the control room shows; the page asks for more. Their texts are excerpts there.
SHOWN, EXCERPT = 20, 300
#: How often held lines that nobody looked at are let go, in seconds.
LOOK_EVERY_S = 15.0
#: The source of what the pages of this machine write.
_LOCAL = "local"
_NAME, _REPLY = "a name", "a reply"
_EXPECTED: dict[Decision, Expect] = {"allow": Expect.ALLOW, "block": Expect.HOLD}
_DECIDED: dict[Expect, Decision] = {Expect.ALLOW: "allow", Expect.HOLD: "block"}


class ModerationControls(Observer):
    """Implements the orders of moderation over a show, and keeps what there is to look at.

    ``settle_held(message)`` is told of each held line whose waiting is over: from now on it counts as something else.
    """

    def __init__(
        self,
        show: Show,
        intake: Intake,
        sources: SourceRegistry,
        alarms: Alarms,
        observer: MessageObserver,
        cases: Cases,
        *,
        settle_held: Callable[[Message], None] = lambda _m: None,
        show_line: Callable[[Message], None] = lambda _m: None,
    ) -> None:
        self.changed = Signal()
        self.record = VerdictLog(f"{int(time.time()):x}")
        self.hold_queue = HoldQueue(on_leave=self._left)
        self.escalator = Escalator(sources, intake.contexts.policy, self.changed.notify)
        self._show = show
        self._intake = intake
        self._sources = sources
        self._alarms = alarms
        self._observer = observer
        self._cases = cases
        self._settle_held = settle_held
        self._show_line = show_line
        self._writing = asyncio.Lock()

    @property
    def contexts(self) -> ModerationContexts:
        """What moderation is told about messages."""
        return self._intake.contexts

    # --- what happened ------------------------------------------------------------------------------

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Record the verdict on a message; when it was stopped, count the offence and let it wait for a person."""
        outcome = f"{offer.outcome}: {offer.reason}" if offer.reason else offer.outcome
        entry = self.record.heard(message, verdict, outcome)
        if verdict.allowed:
            return
        now = _now()
        step = self.escalator.offence(message, verdict, entry.id, now)
        if step is not None and step.action != "hold":
            entry.notes += (f"this viewer's offences have come to the step {step.action}",)
        if message.paid:
            entry.outcome = "thanked for without these words, unless a person allows them in time"
        if message.paid or (verdict.action is Action.HOLD and offer.outcome is MessageOutcome.HELD):
            self.hold_queue.hold(HeldMessage(entry.id, message, verdict, now))
        self.changed.notify()

    def name_judged(self, name: str, verdict: Verdict) -> None:
        """Record a viewer's name that may not be said."""
        if not verdict.allowed:
            self.record.spoken(_NAME, name, verdict, "called 'someone' instead")

    def clause_judged(self, verdict: Verdict) -> None:
        """Record the verdict on a clause that passed."""
        if verdict.allowed:
            self.record.spoken(_REPLY, verdict.text, verdict, "said")

    def clause_blocked(self, blocked: BlockedClause) -> None:
        """Record a clause that was not said; call for a person when that was one too many."""
        outcome = "not said; nothing was said instead" if blocked.prepared else "not said; a prepared line was"
        self.record.spoken(_REPLY, blocked.text, blocked.verdict, outcome, blocked.turn)
        if self._show.breaker.paused:
            self._alarms.raise_alarm(
                "guard", self._show.breaker.reason, "Look at them, then arm the host again.", AlarmLevel.ERROR
            )
        self.changed.notify()

    def rearmed(self) -> None:
        """Record that a person looked at why the host was silent."""
        self._alarms.clear("guard")

    def retracted(self, retraction: Retraction) -> None:
        """Forget what a platform took back."""
        self.hold_queue.retract(retraction)
        self.escalator.retract(retraction)
        self.record.retract(retraction)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer: the words of their verdicts, their held lines, their offences."""
        self.hold_queue.retract(Retraction(source, author=viewer, reason="forgotten at the viewer's wish"))
        self.escalator.forget(source, viewer)
        self.record.forget(source, viewer)
        self.changed.notify()

    def purge(self, older_than: dt.timedelta) -> None:
        """Forget the words of old verdicts."""
        self.record.purge(older_than)

    async def run(self) -> None:
        """Take steps of escalation, and let go of what nobody looked at; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.escalator.run())
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self.hold_queue.expire(_now())

    def _left(self, held: HeldMessage, outcome: MessageOutcome, reason: str) -> None:
        self._settle(held, outcome, reason)
        if entry := self.record.get(held.id):
            entry.outcome = f"{outcome}: {reason}"

    def _settle(self, held: HeldMessage, outcome: MessageOutcome, reason: str) -> None:
        if not held.message.paid:  # a payment has an outcome of its own
            self._settle_held(held.message)
            self._observer.settled(held.message, outcome, reason)

    # --- held lines ---------------------------------------------------------------------------------

    def approve(self, id: str) -> Done:  # noqa: A002 - what it is
        """Release a held line. Raises `LookupError`."""
        held = self.hold_queue.take(id)
        if held is None:
            raise LookupError("this line does not wait any more")
        done = self._release(held)
        self.changed.notify()
        return done

    def deny(self, id: str) -> Done:  # noqa: A002 - as above
        """Refuse a held line; the offence stands. Raises `LookupError`."""
        held = self.hold_queue.take(id)
        if held is None:
            raise LookupError("this line does not wait any more")
        self._settle(held, MessageOutcome.REFUSED, "refused by the operator")
        if entry := self.record.get(id):
            entry.outcome = "refused by the operator"
        self.changed.notify()
        return Done(ok=True, detail="refused")

    def _release(self, held: HeldMessage) -> Done:
        m = held.message
        self.escalator.forgive(m.source, m.author.id, held.id)
        if m.paid:
            ok = self._show.inbox.reword(m.source, m.id, m.text)
            detail = "its words are back" if ok else "it was thanked for already, without its words"
        else:
            self._settle_held(m)
            offer = self._intake.release(m)
            ok = offer.outcome in (MessageOutcome.QUEUED, MessageOutcome.FOLDED)
            detail = f"{offer.outcome}: {offer.reason}"
            self._show_line(m)  # the chat page shows a held line only now
        if entry := self.record.get(held.id):
            entry.outcome = f"allowed by the operator; {detail}"
        return Done(ok=ok, detail=detail)

    # --- the audit ----------------------------------------------------------------------------------

    def audit(self, limit: int, *, stopped: bool) -> list[AuditLine]:
        """Return the last verdicts, the newest first."""
        return [audit_line(entry, self._decision(entry)) for entry in self.record.last(limit, stopped=stopped)]

    def why(self, id: str) -> AuditWhy:  # noqa: A002 - as above
        """Explain a verdict. Raises `LookupError`."""
        entry = self._entry(id)
        policy = self.contexts.policy(entry.source)
        return audit_why(entry, policy, self._decision(entry), waits=self.hold_queue.get(id) is not None)

    async def decide(self, id: str, decision: Decision) -> Done:  # noqa: A002 - as above
        """Allow or stop this exact text from now on. Raises `LookupError` and `Refused`."""
        entry = self._entry(id)
        if not entry.text.strip():
            raise Refused("its words are gone: taken back, or too old to be kept", remedy="There is nothing to allow.")
        expect = _EXPECTED[decision]
        case = case_of(entry.text, expect, entry.direction, entry.source, entry.verdict.rules)
        await self._write(lambda: self._cases.add(case))
        self._names_changed(entry.direction)
        detail = await self._effect(case)
        if decision == "allow":
            self.escalator.forgive(entry.source, entry.author_id, entry.id)
            if held := self.hold_queue.take(id):
                detail = f"{detail}; {self._release(held).detail}"
        elif entry.direction is Direction.IN and not entry.paid and entry.message:
            self._show.retracted(Retraction(entry.source, entry.message, reason="stopped by the operator"))
        logger.info("by the operator: a text is {} from now on", "allowed" if decision == "allow" else "stopped")
        self.changed.notify()
        return Done(ok=True, detail=detail)

    async def undo(self, id: str, decision: Decision) -> Done:  # noqa: A002 - as above
        """Take such a decision back. Raises `LookupError` and `Refused`."""
        entry = self._entry(id)
        if self._decision(entry) != decision:
            raise LookupError("nothing of the kind was decided about this text")
        return await self.drop_case(_case_id(entry))

    def cases(self) -> list[CaseLine]:
        """Return all decisions, the newest first."""
        return [case_line(case) for case in reversed(list(self._cases))]

    async def drop_case(self, id: str) -> Done:  # noqa: A002 - as above
        """Take a decision back. Raises `LookupError` and `Refused`."""
        case = self._cases.get(id)
        if case is None:
            raise LookupError("there is no such case any more")
        await self._write(lambda: self._cases.remove(id))
        self._names_changed(case.direction)
        self.changed.notify()
        return Done(ok=True, detail="the rules decide about this text again")

    async def _write(self, change: Callable[[], object]) -> None:
        async with self._writing:
            try:
                await asyncio.to_thread(change)
            except OSError as error:
                raise Refused(
                    f"the file of cases cannot be written: {error.strerror or error}", remedy="Make room on the disk."
                ) from None

    async def _effect(self, case: Case) -> str:
        """Return what moderation makes of a text now, for a decision may not lift everything."""
        verdict = await self._intake.judge_first(case.text, Context(case.direction, platform=case.platform))
        if verdict.allowed == (case.expect == Expect.ALLOW):
            return "this text passes from now on" if verdict.allowed else "this text is stopped from now on"
        return f"noted as a case, but it is still {verdict.action.value}: {', '.join(verdict.rules[:5])}"

    def _names_changed(self, direction: Direction) -> None:
        if direction is Direction.OUT:  # it may have been about a name
            self._intake.rules_changed()

    def _entry(self, id: str) -> VerdictRecord:  # noqa: A002 - as above
        entry = self.record.get(id)
        if entry is None:
            raise LookupError("this verdict is not kept any more")
        return entry

    def _decision(self, entry: VerdictRecord) -> Decision | None:
        if not len(self._cases) or not entry.text:
            return None
        case = self._cases.get(_case_id(entry))
        return _DECIDED[case.expect] if case else None

    # --- permits, steps, the shield -----------------------------------------------------------------

    def permit(self, order: PermitIn) -> Done:
        """Allow a viewer to post links for a while. Raises `Refused`."""
        if order.source != _LOCAL and order.source not in self._sources.sources:
            raise Refused(f"there is no connection {order.source!r}")
        seconds = self.contexts.permit(order.source, order.user, _now(), order.seconds)
        self.changed.notify()
        return Done(ok=True, detail=f"{order.user} may post links for {seconds:.0f} s")

    async def take_step(self, id: str) -> Done:  # noqa: A002 - as above
        """Take a proposed step. Raises `LookupError` and `HaishinError`."""
        done = await self.escalator.take(id)
        logger.info("by the operator, a step of escalation: {}", done)
        return Done(ok=True, detail=done)

    def dismiss_step(self, id: str) -> Done:  # noqa: A002 - as above
        """Dismiss a proposed step. Raises `LookupError`."""
        self.escalator.dismiss(id)
        return Done(ok=True, detail="dismissed")

    def shield(self, order: ShieldIn) -> Done:
        """Raise or lower the shield, or let it see for itself; until the configuration is read again."""
        inbox = self._show.inbox
        inbox.update(inbox.limits.model_copy(update={"shield": order.mode}))
        self.changed.notify()
        return Done(ok=True, detail=inbox.shield.report(_now()).reason)

    # --- how things stand ---------------------------------------------------------------------------

    def state(self) -> ModerationState:
        """Return what the control room shows all the time."""
        now, policy = _now(), self.contexts.policy
        return ModerationState(
            held=[
                held_line(h, policy(h.message.source), self.hold_queue.keep_s, now) for h in self.hold_queue.items(now)
            ],
            audit=[audit_line(e, self._decision(e), excerpt=EXCERPT) for e in self.record.last(SHOWN, stopped=True)],
            escalations=[proposed_step(p, now) for p in self.escalator.proposals(now)],
            permits=[permit_line(p, now) for p in self.contexts.permits.list_running(now)],
            shield=view.shield_state(self._show.inbox, now),
            guard=view.guard_state(self._show.breaker, now),
            cases=len(self._cases),
        )


def _case_id(entry: VerdictRecord) -> str:
    return Case(entry.text, Expect.ALLOW, entry.direction).id


def _now() -> float:
    return asyncio.get_running_loop().time()
