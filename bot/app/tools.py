"""Builds what the model may call: what each tool does is put together here, from the parts of the channel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from loguru import logger

from bot.app.programme import ShowHands
from bot.app.recast import guest_of
from bot.errors import ProviderError, Refused
from bot.mind.failover import LlmChain
from bot.mind.tools import builtin
from bot.mind.tools.builtin import Deed, Deeds
from bot.mind.tools.function import Asker, Function, Origin
from bot.mind.tools.mcp import McpServers
from bot.mind.tools.mcp import check as check_server
from bot.mind.tools.settings import CallStyle, ToolSettings
from bot.mind.tools.toolbox import ToolBox
from bot.show.observer import Observer
from bot.show.tools.asking import asker_of
from bot.show.tools.timers import HostTimers
from bot.show.tools.turn_tools import TurnTools
from bot.show.turn import Judge, TurnPlan
from bot.sources.source import ActionKind, ChannelAction
from bot.store.memory.pieces import Viewer
from bot.types import Health, Retraction

if TYPE_CHECKING:
    from bot.app.app import App

#: Pieces of memory that a search returns at most.
MOST_FOUND = 4


class HostTools(Observer):
    """The tools of one channel."""

    def __init__(self, app: App, llm: LlmChain, judge: Judge, deeds: Deeds, timers: HostTimers) -> None:
        self._app = app
        self._llm = llm
        self._timers = timers
        self._settings = app.settings.tools
        self.mcp = McpServers(self._settings.mcp)
        self._deeds = deeds
        self.box = ToolBox(
            self._functions,
            self._settings,
            judge,
            worker=app.worker,
            counted=lambda tool, outcome: app.metrics.tools.labels(tool, outcome.value).inc(),
        )
        self.mcp.changed.lead_to(self.box.changed)
        app.show.performance.tools = self._for_turn

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "tools": self.box.run,
            "timers of the host": self._timers.run,
        }
        return parts | {"tools of other programs": self.mcp.run} if self._settings.mcp else parts

    def update(self, settings: ToolSettings) -> list[str]:
        """Apply other settings on air; return the keys that need a restart."""
        old, self._settings = self._settings, settings
        self.box.settings = settings
        self.mcp.limit(settings.mcp)
        self.box.changed.notify()
        return ["tools.mcp"] if _programs(old) != _programs(settings) else []

    def retracted(self, retraction: Retraction) -> None:
        """Withdraw what was asked for by a line that is taken back."""
        self.box.retracted(retraction)
        self._timers.retracted(retraction)

    def _functions(self) -> Mapping[str, Function]:
        return {**builtin.functions(self._deeds), **self.mcp.functions()}

    def _for_turn(self, plan: TurnPlan, language: str) -> TurnTools | None:
        """Return what the model may call in a turn; None for a turn in which it may call nothing."""
        if not self._settings.enabled:
            return None
        asker = asker_of(plan, language)
        if not self.box.offered(asker, tainted=asker.tainted):
            return None
        style = self._settings.calls
        native = self._llm.native_calls if style is CallStyle.AUTO else style is CallStyle.NATIVE
        if style is CallStyle.AUTO and not native and self._app.local_model.speed is not None:
            # It does one thing at a time: a question beside the reply would keep the first word waiting for seconds.
            return None
        prompter = self._app.show.cast.prompter
        return TurnTools(self.box, asker, self._llm.aside, prompter.going_on, native=native)


def open_tools(
    app: App,
    llm: LlmChain,
    judge: Judge,
    *,
    look: Deed | None = None,
) -> HostTools:
    """Make the tools of a channel. One that has nothing behind it is not offered: no memory, no eyes, no mixer."""
    timers = HostTimers(app.show.say, asyncio.get_running_loop().time)
    doings = _Doings(app, timers)
    connected, mixer = bool(app.sources.sources), app.mixing.mixer is not None
    deeds = Deeds(
        poll=doings.poll if connected else None,
        clip=doings.clip if mixer else None,
        shoutout=doings.shoutout if connected else None,
        remember=doings.keep,
        search_memory=doings.search,
        timer=doings.timer,
        look=look,
        scene=doings.scene,
        scenes=doings.scenes,
    )
    tools = HostTools(app, llm, judge, deeds, timers)
    if tools.box.settings.enabled:
        logger.debug("tools: {}", ", ".join(tools.box.functions()) or "none")
    return tools


class _Doings:
    """What the tools do."""

    def __init__(self, app: App, timers: HostTimers) -> None:
        self._app = app
        self._timers = timers

    def scenes(self) -> Mapping[str, str]:
        """Return the cues that the model may ask for."""
        director = self._app.mixing.director
        return director.tools if director else {}

    async def scene(self, name: str, _: Asker) -> str:
        """Run a cue."""
        if (director := self._app.mixing.director) is None:
            raise Refused("no video mixer is configured")
        return await director.call(name)

    async def clip(self, _: object, __: Asker) -> str:
        """Save OBS's replay buffer."""
        if (mixer := self._app.mixing.mixer) is None:
            raise Refused("no video mixer is configured")
        await mixer.call("SaveReplayBuffer")
        return "the last moments are saved in OBS's folder of replays"

    async def poll(self, wanted: builtin.Poll, _: Asker) -> str:
        """Begin a poll on every platform that has one."""
        hands = ShowHands(self._app.sources, None, None)
        values = {"title": wanted.question, "choices": wanted.choices, "seconds": wanted.seconds}
        return await hands.act("poll", values)

    async def shoutout(self, wanted: builtin.Shoutout, _: Asker) -> str:
        """Recommend a channel on the first platform that can."""
        why, sources = "no platform here can do it", self._app.sources
        for name, source in sources.sources.items():
            if ActionKind.SHOUTOUT in source.actions:
                try:
                    return await sources.act(name, ChannelAction(ActionKind.SHOUTOUT, user=wanted.channel.lstrip("@")))
                except (Refused, ProviderError) as error:
                    why = f"{name}: {error}"
        raise Refused(why)

    async def timer(self, wanted: builtin.TimerFor, asker: Asker) -> str:
        """Set a timer."""
        return self._timers.set(wanted.seconds, wanted.about, asker)

    async def search(self, wanted: builtin.Question, asker: Asker) -> str:
        """Search the memory: of the host's world, and of whoever asks alone."""
        own = [Viewer(asker.source, asker.author_id)] if asker.author_id and asker.origin is not Origin.HOST else []
        found = await self._app.memory.recall.search(
            wanted.question, viewers=own, limit=MOST_FOUND, guest=guest_of(self._app)
        )
        return "\n".join(one.piece.text for one in found) or "nothing is remembered of it"

    async def keep(self, wanted: builtin.Remember, asker: Asker) -> str:
        """Keep something in mind."""
        viewer = Viewer(asker.source, asker.author_id)
        if await self._app.memory.viewers.keep(viewer, wanted.text):
            return "it is remembered"
        raise Refused("it is not kept: the viewer did not ask to be remembered, or it is nothing to keep")


async def check_tools(settings: ToolSettings) -> list[tuple[str, Health]]:
    """Say who may cause which tool, and reach each MCP server once. Never raises."""
    if not settings.enabled:
        return [("tools", Health(ok=True, detail="the model may call nothing"))]
    rules = {name: getattr(settings.allow, name) for name in type(settings.allow).model_fields}
    of = {origin: [name for name, rule in rules.items() if origin in rule.who] for origin in Origin}
    told = "; ".join(f"{origin}: {', '.join(names) or 'none'}" for origin, names in of.items())
    found = [("tools", Health(ok=True, detail=told))]
    for name, server in settings.mcp.items():
        found.append((f"tools: {name}", await check_server(server)))
    return found


def _programs(settings: ToolSettings) -> dict[str, Any]:
    """Return how other programs are reached, without the bounds of their tools."""
    return {name: server.model_dump(exclude={"tools"}) for name, server in settings.mcp.items()}
