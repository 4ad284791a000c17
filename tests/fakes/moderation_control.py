"""A moderation that the web side can ask, without a show behind it: it keeps the orders, and fails as it is told."""

from __future__ import annotations

from bot.control.schemas.moderation import AuditLine, AuditWhy, CaseLine, Decision, PermitIn, ShieldIn
from bot.control.schemas.panel import Done
from bot.errors import HaishinError

LINE = AuditLine(
    id="v1", at="2026-01-02T03:04:05.000+00:00", direction="in", source="twitch", author="ann", author_id="u1",
    text="hello", action="hold", score=0.7, categories=["hate"], rules=["word:hate"], outcome="held", doubt=False,
    decision=None,
)  # fmt: skip
DONE = Done(ok=True, detail="done")


class FakeModeration:
    """Stands for `bot.control.moderation.ModerationControls` before the routes. It knows the id "v1" alone."""

    def __init__(self, orders: list[str], fails: HaishinError | None = None) -> None:
        self.orders, self.fails = orders, fails

    def _order(self, what: str, id: str = "v1") -> Done:  # noqa: A002 - as the routes call it
        if self.fails:
            raise self.fails
        if id != "v1":
            raise LookupError("it is gone")
        self.orders.append(what)
        return DONE

    def audit(self, limit: int, *, stopped: bool) -> list[AuditLine]:
        self._order(f"audit {limit} {stopped}")
        return [LINE]

    def why(self, id: str) -> AuditWhy:  # noqa: A002 - as above
        self._order("why", id)
        return AuditWhy(line=LINE, why=["held: because"], reasons=[], can=["allow"])

    async def decide(self, id: str, decision: Decision) -> Done:  # noqa: A002 - as above
        return self._order(f"decide {decision}", id)

    async def undo(self, id: str, decision: Decision) -> Done:  # noqa: A002 - as above
        return self._order(f"undo {decision}", id)

    def cases(self) -> list[CaseLine]:
        self._order("cases")
        return []

    async def drop_case(self, id: str) -> Done:  # noqa: A002 - as above
        return self._order("drop case", id)

    def approve(self, id: str) -> Done:  # noqa: A002 - as above
        return self._order("approve", id)

    def deny(self, id: str) -> Done:  # noqa: A002 - as above
        return self._order("deny", id)

    def permit(self, order: PermitIn) -> Done:
        return self._order(f"permit {order.source} {order.user} {order.seconds}")

    async def take_step(self, id: str) -> Done:  # noqa: A002 - as above
        return self._order("take", id)

    def dismiss_step(self, id: str) -> Done:  # noqa: A002 - as above
        return self._order("dismiss", id)

    def shield(self, order: ShieldIn) -> Done:
        return self._order(f"shield {order.mode}")
