"""haishin ledger: the payments that want a person."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bot.cli.output import open_log, out
from bot.config import Settings, store_url
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.records import Owed
from bot.store.tables import PaidState
from bot.text.money import money
from bot.types import Evidence

#: Payments that are listed: of those that are owed, the oldest; of all, the latest.
MAX_OWED, MAX_ALL = 1000, 20_000

_NOTHING = Evidence("")
_NAMES = {"twitch": "twitch", "bilibili": "bilibili_web", "bilibili_web": "bilibili_web"}


async def list_payments(settings: Settings, *, everything: bool) -> None:
    """Print the payments of the ledger that want a person."""
    open_log(settings)
    async with open_store(store_url(settings)) as store:
        ledger = Ledger(store)
        # What is owed may lie further back than the latest thousands.
        rows = [*await ledger.owed(MAX_OWED), *await ledger.owed(MAX_ALL, everything=True)]
    found = {(one.message.source, one.message.id): one for one in rows}
    table = Table("when", "platform", "who", "what", "amount", "state", "why", box=None)
    for one in sorted(found.values(), key=lambda one: one.received_at):
        if everything or one.state is not PaidState.ACKNOWLEDGED or (one.message.evidence or _NOTHING).fault:
            # As texts: what strangers wrote is no markup.
            table.add_row(*(Text(cell) for cell in _row(one)))
    if table.row_count:
        out.print(table)
    else:
        out.print("every payment was thanked for")


def _row(one: Owed) -> tuple[str, ...]:
    message, evidence = one.message, one.message.evidence or _NOTHING
    what = (evidence.item or message.kind.value)[:30]
    return (
        one.received_at.astimezone().strftime("%m-%d %H:%M:%S"),
        message.source,
        message.author.name[:30],
        f"{what} ×{evidence.count}" if evidence.count > 1 else what,
        money(message.amount) if message.amount else "",
        one.state.value,
        (f"could not be read: {evidence.fault}" if evidence.fault else one.note)[:60],
    )
