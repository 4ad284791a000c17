"""Whose words a turn answers: what the model may do in it depends on that."""

from __future__ import annotations

from bot.mind.tools.function import Asker, Origin
from bot.show.turn import TurnPlan
from bot.types import Message, Role

_RANKS = (Origin.VIEWER, Origin.MODERATOR, Origin.STREAMER)


def asker_of(plan: TurnPlan, language: str) -> Asker:
    """Return who asks in a turn. Of several who ask together, the one who may least counts."""
    if plan.brief is not None:
        # What others wrote stands beside the owner's task: it may speak, and nothing with an effect is done.
        return Asker(Origin.HOST, plan.brief.task, language=language, tainted=bool(plan.brief.material))
    if plan.answer is not None:
        said = plan.answer.said
        return Asker(Origin.STREAMER, said.text, said.source, said.author.id, said.author.name, language)
    asked = plan.messages
    if not asked:
        return Asker(Origin.HOST, "", language=language, tainted=True)
    first = asked[0]
    return Asker(
        min((_origin(message) for message in asked), key=_RANKS.index),
        "\n".join(message.text for message in asked),
        first.source,
        first.author.id,
        first.author.name,
        language,
        tuple((message.source, message.id) for message in asked),
        tainted=plan.doubt,
    )


def _origin(message: Message) -> Origin:
    if Role.BROADCASTER in message.author.roles:
        return Origin.STREAMER
    return Origin.MODERATOR if Role.MODERATOR in message.author.roles else Origin.VIEWER
