"""Words a choice of the inbox as a plan of a turn, and a plan as a request to the composer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.inbox.entries import MAX_COUNTED
from bot.inbox.inbox import Choice
from bot.inbox.payments import combined, run_of
from bot.mind.memory.history import History
from bot.mind.memory.recollection import Recollection
from bot.mind.prompt import Prompter
from bot.persona.lines import Lines, Purpose, event_values, purpose_for, sayable
from bot.show.composer import CompositionRequest
from bot.show.turn import HostPolicy, TurnPlan
from bot.types import Message, TurnKind
from bot.voice.reading.plain import plain

#: From so many viewers on, the reply begins by saying that they all asked; of more than are counted it says nothing.
MANY_ASK = 3
#: The most characters of a viewer's line that are read aloud.
MAX_READ = 200
LANGUAGES = frozenset({"en", "zh", "ja"})


def plan_for(choice: Choice, lines: Lines, prompter: Prompter, policy: HostPolicy) -> TurnPlan:
    """Return the turn for a choice: an answer, or thanks; thanks that are switched off have no lines."""
    first = choice.messages[0]
    language = prompter.answer_language(first.text, policy.language)
    purpose = purpose_for(first)
    if purpose is None:
        many = MANY_ASK <= choice.viewers < MAX_COUNTED
        lead = (lines.pick(Purpose.MANY_ASK, language, count=choice.viewers),) if many else ()
        words = read_out(first, lines, language) if _is_read(choice, policy) else ()
        return TurnPlan(TurnKind.ANSWER, choice, (*lead, *words), language, reads_out=bool(words))
    thanks = _thanks(choice, lines, purpose, language) if policy.thanks else ()
    return TurnPlan(TurnKind.THANKS, choice, thanks, language)


def _is_read(choice: Choice, policy: HostPolicy) -> bool:
    return policy.read_aloud == "all" or (policy.read_aloud == "addressed" and choice.group == "addressed")


def read_out(message: Message, lines: Lines, language: str) -> tuple[str, ...]:
    """Return the lines that read a viewer's words aloud; none where nothing is left to be said.

    A name that may not be said is "someone", a web address "a link"; emotes and pictures are left out, and what is
    long ends after `MAX_READ` characters. Numbers are read by the voice as in any other text.
    """
    text = message.text
    for part in message.fragments:
        if part.kind == "emote" and part.text:
            text = text.replace(part.text, " ")
    words = sayable(plain(text[: 4 * MAX_READ], language if language in LANGUAGES else "en"), MAX_READ)
    return (lines.pick(Purpose.READS_OUT, language, name=message.author.name), words) if words else ()


def _thanks(choice: Choice, lines: Lines, purpose: Purpose, language: str) -> tuple[str, ...]:
    """Word the thanks: one line for a run of gifts, one for several gifts or viewers that share a turn."""
    if choice.group == "paid" and (choice.viewers > 1 or len({run_of(m) for m in choice.messages}) > 1):
        names = tuple(dict.fromkeys(m.author.name for m in choice.messages))
        return (lines.pick(Purpose.THANKS_MANY, language, name=names, count=len(choice.messages)),)
    return (lines.pick(purpose, language, **event_values(combined(choice.messages))),)


def request_for(
    plan: TurnPlan,
    lines: Lines,
    prompter: Prompter,
    history: History,
    language: str,
    remarks: Sequence[str] = (),
    *,
    recalled: Recollection | None = None,
    moment: Mapping[str, object] | None = None,
) -> CompositionRequest:
    """Return what the composer is asked for a plan.

    ``remarks`` is what the streamer said of late to nobody; ``recalled`` and ``moment`` are `Prompter.prompt`'s.
    """
    if plan.brief is not None:
        brief = plan.brief
        prompt = prompter.brief(brief.task, brief.material, history, language=language)
        return CompositionRequest(plan.lines, prompt, language, prepared=brief.prepared)
    if not (asked := [m for m in plan.asked if m.text]):
        return CompositionRequest(plan.lines, None, language)
    viewers = plan.choice.viewers if plan.choice else 1
    prompt = prompter.prompt(asked, history, viewers=viewers, remarks=remarks, recalled=recalled, moment=moment)
    others = tuple(m.author.name for m in asked if m.author.name)
    answer = plan.answer
    if answer is None:
        return CompositionRequest(plan.lines, prompt, language, others)
    sounds = answer.sound_at is not None
    sound = lines.pick(Purpose.FIRST_SOUND, language) if sounds else ""
    return CompositionRequest(
        plan.lines, prompt, language, others, draft=answer.draft, sound=sound, sound_at=answer.sound_at or 0.0
    )
