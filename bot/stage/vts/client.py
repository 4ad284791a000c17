"""VTube Studio as the show sees it: connected for as long as it runs, asked once for leave, driven from what is heard.

Whatever becomes of it, the show goes on: after each fault it is tried again with growing pauses. Only a person who
said no is not asked again by itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from loguru import logger

from bot.errors import FatalError, ProviderError, TransientError
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.stage.clip import ClausePlayback
from bot.stage.vts.hotkeys import Hotkey, HotkeyMap, read_hotkeys
from bot.stage.vts.puppet import OWN, Puppet, Stage
from bot.stage.vts.settings import VtsSettings
from bot.stage.vts.token import read_token, write_token
from bot.stage.vts.wire import DEVELOPER, PLUGIN, Code, Declined, Wire, connect
from bot.telemetry.alarms import Alarms
from bot.types import Emotion

#: The file in the data folder, and the alarms' names.
TOKEN, ALARM, HOTKEYS_ALARM = "vtube-studio.json", "vtube studio", "vtube studio hotkeys"
#: How often the parameters are sent, in seconds: after a second without any, VTube Studio takes them back.
FRAME_S: Final = 1 / 30
#: How long a person may take to allow us, in seconds.
LEAVE_S: Final = 120.0
#: The first and the longest pause between two attempts, in seconds.
PAUSE_S, PAUSE_CAP_S = 1.0, 30.0
#: A feeling is not shown anew within so many seconds: VTube Studio lets a hotkey rest for five.
REST_S: Final = 0.5
_ALLOW: Final = "VTube Studio asks whether Haishin may control it: press Allow there"


@dataclass(frozen=True, slots=True)
class VtsState:
    """How it stands. ``driving``: the model is ours; ``asking``: a person must press Allow; ``refused``: said no."""

    driving: bool = False
    asking: bool = False
    refused: bool = False
    problem: str = ""
    remedy: str = ""
    hotkeys: HotkeyMap = field(default_factory=HotkeyMap)


class VTubeStudio:
    """The connection. ``run`` keeps it; ``changed`` is notified whenever ``state`` is another."""

    def __init__(
        self,
        settings: VtsSettings,
        stage: Stage,
        alarms: Alarms,
        data: Path,
        *,
        frame_s: float = FRAME_S,
        leave_s: float = LEAVE_S,
        rng: random.Random | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.changed = Signal()
        self.state = VtsState()
        self._settings = settings
        self._alarms = alarms
        self._file = data / TOKEN
        self._frame_s, self._leave_s = frame_s, leave_s
        self._rng = rng
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._puppet = Puppet(stage)
        self._again = Signal()
        self._stale = True
        self._own: set[str] = set()
        self._shown: Hotkey | None = None
        self._felt = Emotion.NEUTRAL
        self._felt_at = 0.0
        self._moved: ClausePlayback | None = None

    def ask_again(self) -> bool:
        """Ask for leave again after a no, or connect now; return whether there was anything to try."""
        if self.state.driving or self.state.asking:
            return False
        self._set(refused=False)
        self._again.notify()
        return True

    async def run(self) -> None:
        """Stay connected for as long as the task lives. No fault of VTube Studio ends it."""
        waits = backoff(PAUSE_S, PAUSE_CAP_S, self._rng)
        try:
            while True:
                try:
                    await self._live()
                except ProviderError as error:
                    if self.state.driving:
                        waits = backoff(PAUSE_S, PAUSE_CAP_S, self._rng)
                    self._gone(error)
                await self._again.wait(None if self.state.refused else next(waits))
        finally:
            self._set(driving=False, asking=False)

    async def _live(self) -> None:
        """Connect, ask for leave where there is none, and drive the model until the connection ends."""
        self._stale, self._shown, self._felt = True, None, Emotion.NEUTRAL
        async with connect(self._settings.host, self._settings.port, self._event) as wire:
            await self._sign_in(wire)
            await self._prepare(wire)
            self._well()
            logger.info("VTube Studio is connected")
            while True:
                await self._drive(wire)

    async def _sign_in(self, wire: Wire) -> None:
        """Show our token, or ask for one. Raise `ProviderError`."""
        me = {"pluginName": PLUGIN, "pluginDeveloper": DEVELOPER}
        token = await asyncio.to_thread(read_token, self._file)
        if token and await self._accepted(wire, {**me, "authenticationToken": token}):
            return
        self._set(asking=True, problem="VTube Studio waits for your leave", remedy=_ALLOW)
        self._alarms.raise_alarm(ALARM, "VTube Studio waits for your leave.", f"{_ALLOW}.")
        try:
            answer = await wire.request("AuthenticationToken", me, self._leave_s)
        finally:
            self._set(asking=False)
        given = answer.get("authenticationToken")
        token = given if isinstance(given, str) else ""
        if not 0 < len(token) <= 200:
            raise TransientError("VTube Studio gave no token")
        await asyncio.to_thread(self._keep, token)
        if not await self._accepted(wire, {**me, "authenticationToken": token}):
            raise TransientError("VTube Studio does not accept the token that it gave")

    async def _accepted(self, wire: Wire, credentials: Mapping[str, str]) -> bool:
        answer = await wire.request("Authentication", credentials)
        return answer.get("authenticated") is True

    def _keep(self, token: str) -> None:
        try:
            write_token(self._file, token)
        except OSError as error:
            logger.error("the token of VTube Studio cannot be kept ({}): it will ask again", error.strerror)

    async def _prepare(self, wire: Wire) -> None:
        """Be told of other models, and make our parameters; a VTube Studio that declines that is driven without."""
        for request, data in (
            ("EventSubscription", {"eventName": "ModelLoadedEvent", "subscribe": True, "config": {}}),
            *(
                ("ParameterCreation",
                 {"parameterName": name, "explanation": why, "min": low, "max": high, "defaultValue": 0.0})
                for name, (why, low, high) in OWN.items()
            ),
        ):  # fmt: skip
            try:
                await wire.request(request, data)
            except Declined as error:
                logger.info("{}: {}", request, error)
            else:
                self._own.add(str(data.get("parameterName", "")))

    async def _drive(self, wire: Wire) -> None:
        """Send one frame, and what the host feels and does. Raise `ProviderError` when the connection is over."""
        began = self._clock()
        if self._stale:
            self._stale = False
            self._learn(await wire.request("HotkeysInCurrentModel"))
        values = self._puppet.step(began)
        sent = [{"id": name, "value": round(value, 4)} for name, value in values.items() if self._is_there(name)]
        try:
            await wire.request("InjectParameterData", {"faceFound": True, "mode": "set", "parameterValues": sent})
        except Declined as error:
            self._declined(error)
        else:
            self._well()
        await self._feel(wire, began)
        await asyncio.sleep(max(0.0, self._frame_s - (self._clock() - began)))

    def _is_there(self, name: str) -> bool:
        return not name.startswith("Haishin") or name in self._own

    def _declined(self, error: Declined) -> None:
        if error.code == Code.NOT_AUTHENTICATED:
            raise error
        if error.code == Code.NO_PARAMETER and self._own:
            self._own.clear()  # somebody deleted them; the model can be driven without
            return
        remedy = "See the log of VTube Studio."
        if error.code == Code.TAKEN:
            remedy = "Another program moves the same face: end it, or take its leave back in VTube Studio → Plugins."
        self._set(problem=str(error), remedy=remedy)
        self._alarms.raise_alarm(ALARM, f"The model in VTube Studio does not move: {error}.", remedy)

    async def _feel(self, wire: Wire, now: float) -> None:
        """Show the expression of what the audience hears, and make the gestures of its clause, each once."""
        hotkeys = self.state.hotkeys
        emotion = self._puppet.emotion
        if emotion is not self._felt and now - self._felt_at >= REST_S:
            self._felt, self._felt_at = emotion, now
            hotkey = hotkeys.emotions.get(emotion)
            if hotkey != self._shown:
                if self._shown is not None and self._shown.expression:
                    await self._switch(wire, self._shown, on=False)
                self._shown = hotkey
                if hotkey is not None:
                    await self._switch(wire, hotkey, on=True)
        clip = self._puppet.heard_clip()
        if clip is not None and clip is not self._moved:
            self._moved = clip
            for gesture in clip.clause.gestures[:1]:
                if (move := hotkeys.gestures.get(gesture)) is not None:
                    await self._switch(wire, move, on=True)

    async def _switch(self, wire: Wire, hotkey: Hotkey, *, on: bool) -> None:
        """Switch an expression on or off, whatever it was before; press any other hotkey."""
        try:
            if hotkey.expression:
                await wire.request("ExpressionActivation", {"expressionFile": hotkey.expression, "active": on})
            else:
                await wire.request("HotkeyTrigger", {"hotkeyID": hotkey.id})
        except Declined as error:
            if error.code == Code.NOT_AUTHENTICATED:
                raise
            logger.info("the hotkey {!r}: {}", hotkey.name, error)

    def _learn(self, data: Mapping[str, Any]) -> None:
        found = read_hotkeys(data, self._settings.hotkeys)
        self._shown, self._felt, self._felt_at = None, Emotion.NEUTRAL, 0.0
        self._set(hotkeys=found)
        if not found.model:
            text, remedy = "No model is loaded in VTube Studio.", "Load one there: it is driven at once."
            self._alarms.raise_alarm(HOTKEYS_ALARM, text, remedy)
        elif found.unknown:
            text = f"The model {found.model} in VTube Studio has no hotkey {', '.join(map(repr, found.unknown[:5]))}."
            remedy = f"Correct stage.vts.hotkeys; it has: {', '.join(found.names[:20]) or 'none'}."
            self._alarms.raise_alarm(HOTKEYS_ALARM, text, remedy)
        else:
            self._alarms.clear(HOTKEYS_ALARM)

    def _event(self, name: str, _: Mapping[str, Any]) -> None:
        self._stale = self._stale or name == "ModelLoadedEvent"

    def _gone(self, error: ProviderError) -> None:
        """Say what is wrong and what helps."""
        text, remedy, refused = str(error), error.remedy, False
        if isinstance(error, Declined):
            if error.code == Code.DENIED:
                refused = True
                text, remedy = "you refused Haishin in VTube Studio", "let it ask again on the panel, and press Allow"
            elif error.code == Code.API_OFF:
                text, remedy = "VTube Studio's API is off", "in its settings turn on 'Start API'"
            elif error.code == Code.NOT_AUTHENTICATED:
                text, remedy = "its leave was taken back in VTube Studio", "it asks again now: press Allow"
            elif error.code == Code.BEING_ASKED:
                text, remedy = "VTube Studio asks for leave already", _ALLOW
        elif isinstance(error, FatalError):
            remedy = remedy or "correct stage.vts"
        if (text, refused) != (self.state.problem, self.state.refused) or self.state.driving:
            logger.info("VTube Studio is not connected: {}", text)
        self._set(driving=False, refused=refused, problem=text, remedy=remedy)
        self._alarms.clear(HOTKEYS_ALARM)
        self._alarms.raise_alarm(ALARM, f"VTube Studio does not show the host: {text}.", f"{_capital(remedy)}.")

    def _well(self) -> None:
        if not self.state.driving or self.state.problem:
            self._set(driving=True, problem="", remedy="", refused=False)
            self._alarms.clear(ALARM)

    def _set(self, **changes: Any) -> None:
        state = replace(self.state, **changes)
        if state != self.state:
            self.state = state
            self.changed.notify()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".")
