"""Hot reload: whole or nothing, and each setting is applied or named as needing a restart."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from pydantic import BaseModel

from bot import config
from bot.app import reload
from bot.app.app import App
from bot.app.budget import Prices
from bot.app.casting import look_of, models, policy_of, prompter_of
from bot.app.hearing import Hearing
from bot.app.local_model import LocalModel
from bot.app.memory import Memory
from bot.app.programme import Programming
from bot.app.recast import invite
from bot.app.tools import HostTools
from bot.config import Settings
from bot.control.avatar.controls import AvatarControls
from bot.control.layers.feed import LayerFeed, Sight
from bot.control.streams import StreamStates
from bot.errors import ConfigError
from bot.hearing.ears import TalkMode
from bot.intake.addressing import NameMatcher
from bot.mind.budget.days import Days
from bot.mind.budget.governor import BudgetGovernor
from bot.mind.budget.meter import Meter
from bot.mind.budget.settings import BudgetLimit, TokenPrice
from bot.mind.budget.streams import Streams
from bot.mind.tools.builtin import Deeds
from bot.mind.tools.settings import McpServer, McpTool
from bot.review.panel import Panel
from bot.review.second_opinion import SecondOpinion
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.commands.settings import OwnCommand, Timer
from bot.show.feelings.feelings import Feelings
from bot.show.night.settings import Talkativeness
from bot.show.tools.timers import HostTimers
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.layers.vocabulary import EmoteSet, Theme
from bot.stage.settings import AlertTier, Goal
from bot.store.spend import SpendLedger
from bot.telemetry.metrics import Metrics
from tests.support.control import control_room
from tests.support.harness import Stagehand
from tests.support.night import Night
from tests.support.virtual import virtual


def running(settings: Settings) -> Any:
    """Return what `reload.apply` works on: a whole show of the harness."""
    hand = Stagehand()
    panel = Panel([], asyncio.get_running_loop().time, on_failure=lambda _n, _e: None)
    hand.show.cast.prompter = prompter_of(hand.persona, settings)
    hand.show.cast.policy = policy_of(hand.persona, settings)
    hand.show.stage.configure(look_of(hand.persona, settings))
    hand.intake.names = NameMatcher((hand.persona.name, *hand.persona.aliases))
    room = control_room(hand)
    room.room.greeting, room.room.label = hand.persona.about, look_of(hand.persona, settings).label
    app = SimpleNamespace(
        settings=settings, show=hand.show, persona=hand.persona, own_persona=hand.persona, guest=None,
        intake=hand.intake, inbox=hand.inbox,
        moderator=hand.moderator, control=room,
        opinions=SecondOpinion(panel, settings.judging, lambda: hand.moderator.policy),
        commands=Commands(
            hand.show, ChatReplies(hand.registry, hand.moderator, lambda _source: "off"), settings.commands,
            settings.timers, host=lambda: hand.persona.name,
        ),
        night=Night(hand, talkativeness="silent", every_s=20).accord,
        mixing=SimpleNamespace(director=Director(settings.director, RehearsalMixer())),
    )  # fmt: skip
    sight = Sight(
        show=hand.show, streams=StreamStates(hand.alarms), sources=hand.registry, alarms=hand.alarms,
        changed=room.changed, lines=lambda: hand.persona.lines, language=lambda: "en",
    )  # fmt: skip
    app.layers = LayerFeed(sight, settings.stage)
    app.avatar = AvatarControls(models(), hand.stage, hand.alarms)
    app.feelings = Feelings(settings.show.mood, hand.show.stage.feeling, asyncio.get_running_loop().time)
    app.memory = SimpleNamespace(viewers=SimpleNamespace(enabled=True), keeper=SimpleNamespace(enabled=True))
    app.memory.update = lambda new: Memory.update(app.memory, new)
    app.local_model = LocalModel(cast("App", app))
    app.observers = hand.observers
    app.hearing = Hearing(cast("App", app), StreamStates(hand.alarms), hand.alarms)
    app.budget, app.programme = budget_of(settings, hand), Programming()
    app.prices = Prices([], None)
    app.metrics, app.worker = Metrics(), None
    timers = HostTimers(hand.show.say, asyncio.get_running_loop().time)
    app.tools = HostTools(cast("App", app), cast("Any", None), hand.moderator, Deeds(), timers)
    return app


def budget_of(settings: Settings, hand: Stagehand) -> BudgetGovernor:
    """Return a governor that nobody asks."""
    loop = asyncio.get_running_loop()

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    days = Days(now, loop.time, "UTC")
    meter = Meter(cast("SpendLedger", None), days, Streams(lambda: None, now, loop.time))
    return BudgetGovernor(settings.budget, meter, days, hand.alarms, now=now, steady=loop.time)


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, info in model.model_fields.items():
        nested = [
            k for k in (info.annotation, *get_args(info.annotation)) if isinstance(k, type) and issubclass(k, BaseModel)
        ]
        if nested:
            yield from leaves(nested[0], (*path, name))
        else:
            yield (*path, name), info


#: How each hot setting is seen to have taken effect; a section stands for all that is in it.
EFFECT: dict[str, Callable[[Any], object]] = {
    "persona": lambda a: (a.persona.id, a.show.composer.name, a.intake.names.matches("小云"), a.control.room.greeting),
    "show.answer": lambda a: a.intake.answer,
    "show.greeting": lambda a: a.show.cast.policy.greeting,
    "show.idle_after_s": lambda a: a.show.cast.policy.idle_after_s,
    "show.thanks": lambda a: a.show.cast.policy.thanks,
    "show.filler_after_s": lambda a: a.show.composer.filler_after_s,
    "show.turn_s": lambda a: a.show.cast.policy.turn_s,
    "show.reply_chars": lambda a: a.show.composer.reply_chars,
    "show.max_tokens": lambda a: a.show.cast.prompter._max_tokens,
    "show.lookahead_s": lambda a: a.show.speaker.lookahead_s,
    "show.language": lambda a: a.show.cast.policy.language,
    "show.release_delay_s": lambda a: a.show.cast.policy.release_delay_s,
    "show.pause_after_blocks": lambda a: a.show.cast.policy.pause_after_blocks,
    "show.mood": lambda a: a.feelings.mood.settings.model_dump_json(),
    "show.pause_within_s": lambda a: a.show.cast.policy.pause_within_s,
    "intake": lambda a: a.intake.settings.model_dump_json(),
    "commands": lambda a: (a.commands.settings.prefix, [entry.name for entry in a.commands._book.entries]),
    "timers": lambda a: [timer.text for timer in a.commands._timers._timers],
    "inbox": lambda a: a.inbox.limits.model_dump_json(),
    "moderation": lambda a: repr(a.moderator.policy),
    "judging": lambda a: a.opinions.settings.model_dump_json(),
    "memory.history": lambda a: a.show.cast.prompter._history_tokens,
    "memory.history_tokens": lambda a: a.show.cast.prompter._history_tokens,
    "memory.knowledge_tokens": lambda a: a.show.cast.prompter._knowledge_tokens,
    "memory.raw_chat_hours": lambda a: a.settings.memory.raw_chat_hours,  # read at each purge
    "budget": lambda a: (a.budget.settings.model_dump_json(), a.budget.standings()),
    "memory.viewers": lambda a: a.memory.viewers.enabled,
    "memory.long_term": lambda a: a.memory.keeper.enabled,
    # Read at each use; see test_remembering.
    "memory.extraction": lambda a: a.settings.memory.extraction,
    "memory.canon_guard": lambda a: a.settings.memory.canon_guard,
    "memory.recalled_tokens": lambda a: a.settings.memory.recalled_tokens,
    "memory.moment": lambda a: a.settings.memory.moment,
    "memory.timezone": lambda a: a.settings.memory.timezone,
    "night": lambda a: (a.night.settings.model_dump_json(), a.night._said.age),
    "tools": lambda a: (a.tools.box.settings.model_dump_json(), a.tools._settings.enabled),
    # What is open is opened anew; see test_hearing.
    "hearing": lambda a: (a.hearing._settings.hearing.model_dump_json(), a.hearing.ears.mode),
    "asr": lambda a: a.hearing._settings.asr,
    "floor": lambda a: a.show.floor.settings.model_dump_json(),
    "cohost": lambda a: a.hearing.streamer.answers.settings.model_dump_json(),
    "director": lambda a: (a.mixing.director.settings.model_dump_json(), a.mixing.director._keeper.hold_s),
    "stage.captions": lambda a: a.show.stage.settings.captions.model_dump_json(),
    "stage.label": lambda a: (a.show.stage.settings.label, a.control.room.label),
    "stage.stop_timeout_s": lambda a: a.show.stage.stop_timeout_s,
    "stage.return_s": lambda a: a.show.cast.policy.return_s,
    "stage.max_pages": lambda a: a.show.stage.max_pages,
    "stage.theme": lambda a: a.layers.settings.theme,
    "stage.css": lambda a: a.show.stage.board.css,
    "stage.emotes": lambda a: a.layers.settings.emotes,
    "stage.goals": lambda a: a.layers._goals.state(),
    "stage.alerts": lambda a: (a.layers.settings.alerts.volume, a.show.stage.board.files),
    "stage.emote_sets": lambda a: a.layers.settings.emote_sets,
    "stage.emote_channel": lambda a: a.layers.settings.emote_channel,
    "stage.now_playing": lambda a: a.layers.settings.now_playing,
    "stage.second_language": lambda a: a.layers.settings.second_language,
}
#: Another value for each hot setting.
OTHER: dict[str, Any] = {
    "persona": "xiaoyun", "show.answer": "addressed", "show.greeting": False, "show.idle_after_s": 7.0,
    "show.thanks": False,
    "show.filler_after_s": 3.5, "show.turn_s": 33.0, "show.reply_chars": 333, "show.max_tokens": 77,
    "show.lookahead_s": 5.5, "show.language": "ja", "show.release_delay_s": 2.5, "show.pause_after_blocks": 9,
    "show.mood.half_life_s": 44.0, "show.mood.voice": 0.0,
    "show.pause_within_s": 99.0, "inbox.size": 55, "intake.judge_share": 0.25,
    "commands.prefix": "?", "commands.own": {"hug": OwnCommand(text="A hug!")}, "timers": [Timer(text="Ask me!")],
    "moderation.max_chars": 123, "judging.per_minute": 5,
    "memory.history": False, "memory.history_tokens": 321, "memory.knowledge_tokens": 111, "memory.raw_chat_hours": 5.0,
    "memory.viewers": False, "memory.long_term": False, "memory.extraction": "off", "memory.canon_guard": False,
    "memory.recalled_tokens": 99, "memory.moment": False, "memory.timezone": "Asia/Tokyo",
    "stage.captions.size_px": 50, "stage.label": "AI!", "stage.stop_timeout_s": 0.9, "stage.return_s": 9.0,
    "tools.enabled": False,
    "budget.day": BudgetLimit(usd=5), "budget.soft": 0.5, "budget.prices": {"m": TokenPrice(input=1, output=2)},
    "night.talkativeness": Talkativeness.OFTEN, "night.remember_h": 5.0,
    "hearing.talk": TalkMode.PUSH, "asr": [], "floor.grace_s": 2.0, "cohost.talkativeness": 0.9,
    "stage.max_pages": 3, "stage.theme": Theme.NEON, "stage.css": Path("mine.css"), "stage.emotes": True,
    "stage.goals": [Goal(title="a new lamp", of="paid", target=10)], "director.hold_minutes": 5.0,
    "stage.alerts.volume": 0.1, "stage.alerts.tiers": {2: AlertTier(sound=Path("a.wav"))},
    "stage.emote_sets": [EmoteSet.FFZ], "stage.emote_channel": "7", "stage.now_playing": Path("song.txt"),
    "stage.second_language": "zh",
    "tools.allow.roll.who": [], "tools.rounds": 4,
}  # fmt: skip


def changed(settings: Settings, path: str, value: Any) -> Settings:
    """Return the settings with one value exchanged."""

    def copy(model: Any, steps: list[str]) -> Any:
        first, *rest = steps
        return model.model_copy(update={first: copy(getattr(model, first), rest) if rest else value})

    made: Settings = copy(settings, path.split("."))
    return made


@virtual
async def test_how_another_program_is_reached_is_cold_and_its_bounds_are_hot() -> None:
    server = McpServer(command="some-server", tools={"weather": McpTool(about="the weather")})
    settings = changed(config.load([], {}), "tools.mcp", {"met": server})
    app = running(settings)
    other = server.model_copy(update={"tools": {}})
    assert reload.apply(app, changed(settings, "tools.mcp", {"met": other})) == []
    assert app.tools.box.rule("met_weather") is None
    assert reload.apply(app, changed(settings, "tools.mcp", {"met": server.model_copy(update={"args": ["x"]})})) == [
        "tools.mcp"
    ]


def test_every_setting_is_hot_with_a_known_effect_or_cold() -> None:
    unknown = []
    for path, _ in leaves(Settings):
        names = {".".join(path[:end]) for end in range(1, len(path) + 1)}
        if path[0] not in reload.COLD and not names & {*EFFECT, *reload.COLD_KEYS}:
            unknown.append(".".join(path))
    assert not unknown, "say in EFFECT how it takes effect, or put its section into reload.COLD"
    assert {path.partition(".")[0] for path in EFFECT}.isdisjoint(reload.COLD)


@pytest.mark.parametrize("path", sorted(OTHER))
def test_a_hot_setting_takes_effect(path: str) -> None:
    name = next(
        known for known in sorted(EFFECT, key=len, reverse=True) if path == known or path.startswith(f"{known}.")
    )

    @virtual
    async def look() -> None:
        settings = config.load([], {})
        app = running(settings)
        before = EFFECT[name](app)
        assert reload.apply(app, changed(settings, path, OTHER[path])) == []
        assert EFFECT[name](app) != before
        assert reload.apply(app, settings) == [], "and back"
        assert EFFECT[name](app) == before

    look()


@virtual
async def test_a_cold_setting_is_named() -> None:
    settings = config.load([], {})
    app = running(settings)
    assert reload.apply(app, changed(settings, "web.port", 1234)) == ["web"]
    assert reload.apply(app, changed(settings, "memory.embedder", "off")) == ["web", "memory.embedder"]
    assert reload.apply(app, changed(settings, "store", "sqlite+aiosqlite:///x.db")) == ["store", "memory.embedder"]


@virtual
async def test_a_fault_changes_nothing() -> None:
    settings = config.load([], {})
    app = running(settings)
    before = {name: effect(app) for name, effect in EFFECT.items()}
    broken = changed(changed(settings, "inbox.size", 77), "moderation.max_chars", 123)
    with pytest.raises(ConfigError):
        reload.apply(app, changed(broken, "persona", "nobody-of-this-name"))
    mad = changed(changed(settings, "inbox.size", 77), "moderation.block_words", ("hello",))
    mad = changed(mad, "persona", "xiaoyun")
    with pytest.raises(ConfigError):  # it would block ordinary lines: the self-test of moderation refuses it
        reload.apply(app, mad)
    assert {name: effect(app) for name, effect in EFFECT.items()} == before
    assert app.settings is settings


async def test_a_guest_is_the_host_until_it_leaves_and_settings_are_read_meanwhile() -> None:
    settings = config.load([], {})
    app = running(settings)
    own = {name: effect(app) for name, effect in EFFECT.items()}
    await invite(app, "xiaoyun")
    assert (app.persona.id, app.show.composer.name, app.show.stage.settings.name) == ("xiaoyun", "小云", "小云")
    assert app.intake.names.matches("小云")
    assert app.show.cast.lines is app.persona.lines
    assert reload.apply(app, changed(settings, "inbox.size", 77)) == []
    assert app.persona.id == "xiaoyun", "a guest stays when the settings are read again"
    reload.apply(app, settings)
    await invite(app, "nobody-of-this-name")
    assert app.persona.id == "xiaoyun", "a guest that cannot be read changes nothing"
    await invite(app, "")
    assert {name: effect(app) for name, effect in EFFECT.items()} == own
    assert app.guest is None


async def test_the_own_persona_may_be_exchanged_under_a_guest() -> None:
    settings = config.load([], {})
    app = running(settings)
    await invite(app, "xiaoyun")
    reload.apply(app, changed(settings, "persona", "xiaoyun"))
    assert app.persona.id == "xiaoyun"
    await invite(app, "")
    assert app.persona.id == "xiaoyun"
    assert reload.apply(app, settings) == []
    assert app.persona.id == "mira"
